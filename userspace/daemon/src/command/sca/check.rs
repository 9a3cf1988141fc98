use std::io::Write;

use rampart_policy::{Gravity, Mode, embedded_catalogue};

use super::{CheckArgs, Stop};
use crate::exit::Exit;

pub(super) fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, Stop> {
    let mode = if args.lenient { Mode::Lenient } else { Mode::Strict };
    let loaded = rampart_sca::load_paths(&args.files, embedded_catalogue(), mode)?;
    for problem in &loaded.problems {
        writeln!(out, "{problem}\n  help: {}", problem.help())?;
    }
    let checks: usize = loaded.policies.iter().map(|policy| policy.checks.len()).sum();
    let is_error = |gravity: Gravity| gravity == Gravity::Error;
    let errors = loaded.problems.iter().filter(|problem| is_error(problem.gravity())).count();
    let warnings = loaded.problems.len() - errors;
    let policies = loaded.policies.len();
    writeln!(out, "good policies: {policies}, checks: {checks}, errors: {errors}, warnings: {warnings}")?;
    Ok(if errors == 0 && loaded.files > 0 { Exit::Done } else { Exit::NotSo })
}
