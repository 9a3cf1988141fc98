use std::io::{self, Write};

use rampart_model::Severity;
use rampart_runtime::{Engine, Match};
use serde::Serialize;

use super::{
    EvalArgs, Stop, exit_of, load,
    recorded::{Line, Recorded},
    write_problems,
};
use crate::exit::Exit;

/// One line of the answer.
#[derive(Serialize)]
struct Answer<'a> {
    event: u64,
    rule: &'a str,
    title: &'a str,
    level: Severity,
    /// Of a correlation, what it has seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<&'a str>,
}

pub(super) fn eval(args: &EvalArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Stop> {
    let mut recorded = Recorded::open(&args.events)?;
    let loaded = load(&args.rules, args.mode.into())?;
    write_problems(err, &loaded.problems)?;
    let mut engine = Engine::compile(&loaded.rules);
    let mut exit = exit_of(&loaded);
    while let Some(Line { number, event }) = recorded.next()? {
        match event {
            Ok(event) => {
                for found in engine.matches(&event) {
                    write_match(out, number, &found)?;
                }
            }
            Err(reason) => {
                exit = Exit::NotSo;
                writeln!(err, "{}", recorded.problem(number, &reason))?;
            }
        }
    }
    for (exception, _) in engine.exceptions().filter(|(_, used)| *used == 0) {
        writeln!(err, "{}: note: the exception `{}` was of no use", exception.origin, exception.title)?;
    }
    Ok(exit)
}

fn write_match(out: &mut dyn Write, event: u64, found: &Match) -> io::Result<()> {
    let rule = &found.rule;
    let measured = found.correlation.as_ref().map(|correlation| &*correlation.measured);
    let answer = Answer { event, rule: &rule.id, title: &rule.title, level: rule.severity, measured };
    serde_json::to_writer(&mut *out, &answer)?;
    out.write_all(b"\n")
}
