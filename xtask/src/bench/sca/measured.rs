//! A program that is run from its beginning to its end, and what that costs.

use std::{
    io::Read as _,
    process::{Child, Command, ExitStatus, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{bench::process, command::describe};

/// Bytes of output that are taken before the process is looked at.
const FIRST: usize = 1;

/// What a program has cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// Seconds from its start to its end.
    pub(super) wall: f64,
    /// Seconds of the processors, its children's included, in steps of a clock tick.
    pub(super) cpu: f64,
}

/// What a program has written, and what it has cost.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) output: Vec<u8>,
    /// The most memory that it held when it began to write, in MiB; none where it had ended by then. Who collects everything,
    /// writes it at the end and has more to write than fits a pipe holds the most at that moment.
    pub(super) peak: Option<f64>,
    pub(super) cost: Cost,
}

/// Runs it. Its standard error is this program's, unless it was set.
pub(super) fn run(command: &mut Command) -> Result<Ran> {
    let name = describe(command);
    let before = process::children_cpu_seconds()?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{name}`"))?;
    let (output, peak, status) = follow(&mut child).with_context(|| format!("`{name}`"))?;
    let wall = started.elapsed().as_secs_f64();
    if !status.success() {
        bail!("`{name}` ended with {status}");
    }
    let cpu = process::children_cpu_seconds()? - before;
    Ok(Ran { output, peak, cost: Cost { wall, cpu } })
}

fn follow(child: &mut Child) -> Result<(Vec<u8>, Option<f64>, ExitStatus)> {
    let mut pipe = child.stdout.take().context("it has no output")?;
    let mut output = vec![0; FIRST];
    let count = pipe.read(&mut output)?;
    output.truncate(count);
    let peak = process::memory(child.id()).ok().map(process::Memory::peak_mebibytes);
    pipe.read_to_end(&mut output)?;
    Ok((output, peak, child.wait()?))
}

#[cfg(test)]
mod tests {
    use super::run;
    use std::process::Command;

    #[test]
    fn everything_that_was_written_is_there_and_the_peak_is_seen() {
        let ran = run(Command::new("sh").args(["-c", "seq 1 40000"])).unwrap();
        assert!(ran.output.starts_with(b"1\n2\n") && ran.output.ends_with(b"40000\n"));
        assert!(ran.peak.unwrap() > 0.0);
        assert!(ran.cost.wall > 0.0 && ran.cost.cpu >= 0.0);
    }

    #[test]
    fn a_failure_has_no_figures() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("exit 3") && error.contains("exit status: 3"), "{error}");
    }
}
