use std::io::Write;

use rampart_policy::Mode;
use rampart_runtime::try_rules;

use super::{Stop, TestArgs, exit_of, load, write_problems};
use crate::exit::Exit;

pub(super) fn test(args: &TestArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Stop> {
    let loaded = load(&args.dirs, Mode::Strict)?;
    write_problems(err, &loaded.problems)?;
    let trial = try_rules(&loaded.rules);
    for failure in &trial.failures {
        writeln!(out, "{failure}\n  help: correct the rule, or the event under `tests:`")?;
    }
    let rules = loaded.rules.rules().len() + loaded.rules.correlations().len();
    let (passed, failed) = (trial.passed, trial.failures.len());
    writeln!(out, "rules: {rules}, tests passed: {passed}, failed: {failed}")?;
    Ok(if failed == 0 { exit_of(&loaded) } else { Exit::NotSo })
}
