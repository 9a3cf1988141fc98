use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Write},
    path::Path,
};

use rampart_model::{Record, RuleRef, Severity};
use rampart_runtime::Engine;
use serde::Serialize;

use super::{EvalArgs, Stop, exit_of, load, write_problems};
use crate::exit::{Exit, Failure};

/// Longest line that is read as an event, in bytes.
const MAX_LINE: usize = 1 << 20;

/// One line of the answer.
#[derive(Serialize)]
struct Match<'a> {
    event: u64,
    rule: &'a str,
    title: &'a str,
    level: Severity,
}

pub(super) fn eval(args: &EvalArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Stop> {
    let mut events = open(&args.events)?;
    let loaded = load(&args.rules, args.mode.into())?;
    write_problems(err, &loaded.problems)?;
    let mut engine = Engine::compile(&loaded.rules);
    let mut exit = exit_of(&loaded);
    let (mut line, mut number) = (Vec::new(), 0);
    while let Some(read) =
        next_line(&mut events, &mut line).map_err(|error| unreadable(&args.events, &error))?
    {
        match read.and_then(|()| record(&line)) {
            Ok(Some(event)) => {
                for rule in engine.evaluate(&event) {
                    write_match(out, number, &rule)?;
                }
            }
            Ok(None) => {}
            Err(reason) => {
                exit = Exit::NotSo;
                writeln!(err, "{}:{}: error: {reason}", args.events.display(), number + 1)?;
            }
        }
        number += 1;
    }
    Ok(exit)
}

fn write_match(out: &mut dyn Write, event: u64, rule: &RuleRef) -> io::Result<()> {
    let found = Match { event, rule: &rule.id, title: &rule.title, level: rule.severity };
    serde_json::to_writer(&mut *out, &found)?;
    out.write_all(b"\n")
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Stop> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(Box::new(BufReader::new(file)))
}

fn unreadable(path: &Path, error: &io::Error) -> Stop {
    Stop::Fail(Failure::message(Exit::Unavailable, format!("{}: {error}", path.display())))
}

/// Reads the next line, without keeping more of it than [`MAX_LINE`]. None at the end.
fn next_line(events: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Result<(), String>>> {
    line.clear();
    if (&mut *events).take(MAX_LINE as u64 + 1).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || line.len() <= MAX_LINE {
        return Ok(Some(Ok(())));
    }
    events.skip_until(b'\n')?;
    Ok(Some(Err(format!("the line is longer than {MAX_LINE} bytes"))))
}

/// None for a blank line.
fn record(line: &[u8]) -> Result<Option<Record>, String> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let json = serde_json::from_slice(line.trim_ascii_end()).map_err(|error| explain(&error))?;
    Record::from_json(&json).map(Some).map_err(|error| error.to_string())
}

/// The line that the library counts is always the first.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON at column {}: {reason}", error.column())
}
