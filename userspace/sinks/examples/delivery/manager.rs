//! The manager, in a process of its own.

use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use rampart_testkit::manager::{Keep, Manager};
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// What makes the program the manager.
pub(crate) const ARGUMENT: &str = "manager";

/// The agent's name.
pub(crate) const AGENT: &str = "node-1";

/// No case takes so long.
const PATIENCE: Duration = Duration::from_mins(10);

/// Where it is, and the agent's key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) port: u16,
    pub(crate) key: String,
}

/// What it has seen.
#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    count: u64,
    violations: Vec<String>,
}

/// Is one: says where it is, and then for each number that it reads what it has seen when it has so many events.
pub(crate) fn serve() -> io::Result<()> {
    let manager = Manager::builder().keep(Keep::Count).start()?;
    let key = manager.keys().add(AGENT, None)?;
    say(&Place { port: manager.events_address().port(), key: key.line() })?;
    for line in io::stdin().lines() {
        let count: u64 = line?.parse().map_err(io::Error::other)?;
        manager.wait_for(PATIENCE, |manager| manager.count() >= count);
        say(&Seen { count: manager.count(), violations: manager.violations() })?;
    }
    Ok(())
}

fn say(what: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    out.flush()
}

/// That process, until this is dropped.
pub(crate) struct Station {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub(crate) place: Place,
}

impl Station {
    pub(crate) fn start() -> Outcome<Self> {
        let mut command = Command::new(env::current_exe()?);
        let mut child = command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the manager has no pipes".into());
        };
        let mut answers = BufReader::new(answers);
        let place = read(&mut answers)?;
        Ok(Self { child, questions, answers, place })
    }

    /// Waits until it has so many events, and has found no fault with any.
    pub(crate) fn wait(&mut self, count: u64) -> Outcome<()> {
        writeln!(self.questions, "{count}")?;
        let seen: Seen = read(&mut self.answers)?;
        if seen.count != count || !seen.violations.is_empty() {
            return Err(format!("of {count} events: {seen:?}").into());
        }
        Ok(())
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        // It may have ended by itself.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

fn read<T: for<'a> Deserialize<'a>>(from: &mut BufReader<ChildStdout>) -> Outcome<T> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}
