use std::io::Write;

use rampart_policy::Gravity;

use super::{CheckArgs, Stop, exit_of, load, write_problems};
use crate::exit::Exit;

pub(super) fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, Stop> {
    let loaded = load(&args.dirs, args.mode.into())?;
    write_problems(out, &loaded.problems)?;
    let errors = loaded.problems.iter().filter(|problem| problem.gravity == Gravity::Error).count();
    let warnings = loaded.problems.len() - errors;
    writeln!(out, "good rules: {}, errors: {errors}, warnings: {warnings}", loaded.rules.rules().len())?;
    Ok(exit_of(&loaded))
}
