//! One thing very often, for load tests.

use std::{
    fs::File,
    net::{Ipv4Addr, TcpStream},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::ensure;

use crate::{
    arguments::{Arguments, Usage},
    program::{self, NOTHING},
    report::Report,
};

pub(crate) fn storm(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (what, times): (_, u64) = (arguments.text(0)?, arguments.value(1)?);
    match what {
        "connect" => connect(arguments, times),
        "exec" => exec(arguments, times),
        "open" => open(arguments, times),
        _ => Err(Usage(format!("`{what}` is none of connect, exec, open")).into()),
    }
}

/// Refused or not: a port where nobody listens is the fastest, and the kernel keeps nothing of it.
fn connect(arguments: Arguments<'_>, times: u64) -> anyhow::Result<Report> {
    let port: u16 = arguments.value(2)?;
    repeat(times, rate(arguments, 3)?, || {
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)));
        Ok(())
    })
}

fn exec(arguments: Arguments<'_>, times: u64) -> anyhow::Result<Report> {
    let this = program::this()?;
    repeat(times, rate(arguments, 2)?, || {
        ensure!(Command::new(&this).arg(NOTHING).status()?.success(), "a process of the storm failed");
        Ok(())
    })
}

fn open(arguments: Arguments<'_>, times: u64) -> anyhow::Result<Report> {
    let path = arguments.path(2)?;
    repeat(times, rate(arguments, 3)?, || {
        drop(File::open(path)?);
        Ok(())
    })
}

/// How often in a second at most; as fast as it goes where nothing was said.
fn rate(arguments: Arguments<'_>, index: usize) -> anyhow::Result<Option<f64>> {
    let said = arguments.words().len() > index;
    let rate = said.then(|| arguments.value(index)).transpose()?;
    ensure!(rate.is_none_or(|rate: f64| rate > 0.0), Usage("the rate must be above 0".to_owned()));
    Ok(rate)
}

fn repeat(
    times: u64,
    rate: Option<f64>,
    mut deed: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Report> {
    let begin = Instant::now();
    let mut due = begin;
    let step = rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
    for _ in 0..times {
        deed()?;
        if let Some(step) = step {
            due += step;
            sleep(due.saturating_duration_since(Instant::now()));
        }
    }
    Ok(Report::new().with("times", times).with("seconds", begin.elapsed().as_secs_f64()))
}
