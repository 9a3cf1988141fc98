use std::io::Write;

use super::{CheckArgs, Stop};
use crate::exit::Exit;

pub(super) fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, Stop> {
    let loaded = rampart_sca::load_paths(&args.files)?;
    for problem in &loaded.problems {
        writeln!(out, "{problem}\n  help: {}", problem.help())?;
    }
    let checks: usize = loaded.policies.iter().map(|policy| policy.checks.len()).sum();
    let errors = loaded.errors().count();
    let warnings = loaded.problems.len() - errors;
    let policies = loaded.policies.len();
    writeln!(out, "good policies: {policies}, checks: {checks}, errors: {errors}, warnings: {warnings}")?;
    Ok(if errors == 0 { Exit::Done } else { Exit::NotSo })
}
