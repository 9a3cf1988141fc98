use std::io::{self, Write};

use rampart_model::Timestamp;
use rampart_policy::{Exception, Gravity};

use super::{CheckArgs, Stop, exit_of, list::day, load, write_problems};
use crate::exit::Exit;

pub(super) fn check(args: &CheckArgs, now: Timestamp, out: &mut dyn Write) -> Result<Exit, Stop> {
    let loaded = load(&args.dirs, args.mode.into())?;
    write_problems(out, &loaded.problems)?;
    let exceptions = loaded.rules.exceptions().iter();
    let expired: Vec<_> = exceptions.filter(|exception| !exception.applies_at(now)).collect();
    expired.iter().try_for_each(|exception| warn(out, exception))?;
    let errors = loaded.problems.iter().filter(|problem| problem.gravity == Gravity::Error).count();
    let warnings = loaded.problems.len() - errors + expired.len();
    let good = loaded.rules.rules().len() + loaded.rules.correlations().len();
    writeln!(out, "good rules: {good}, errors: {errors}, warnings: {warnings}")?;
    Ok(exit_of(&loaded))
}

fn warn(out: &mut dyn Write, exception: &Exception) -> io::Result<()> {
    let since = exception.expires.map(day).unwrap_or_default();
    writeln!(
        out,
        "{}: warning: exception `{}` has expired: it applies no more since {since}\n  \
         help: remove it, or give it a later `expires` if it is still right",
        exception.origin, exception.title
    )
}
