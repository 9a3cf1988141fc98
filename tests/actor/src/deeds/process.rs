//! How processes end, and how they end each other.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, nice};

use crate::{
    arguments::{Arguments, Usage},
    child::{self, Victim},
    raw::checked,
    report::Report,
};

/// For being executed: says nothing, so that the line of JSON stays the executing process's.
pub(crate) fn nothing(_: Arguments<'_>) -> anyhow::Result<Report> {
    // SAFETY: ends the process; nothing waits for being written.
    unsafe { libc::_exit(0) }
}

/// For being there. Says nothing, like the above.
pub(crate) fn sleep(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    std::thread::sleep(Duration::from_millis(arguments.value(0)?));
    nothing(arguments)
}

/// For keeping a processor busy, also where others want it. Says nothing, like the above.
pub(crate) fn burn(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    // Who may not come first takes what is left.
    nice(-20).map(drop).unwrap_or_default();
    let (begin, time) = (Instant::now(), Duration::from_millis(arguments.value(0)?));
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
    nothing(arguments)
}

pub(crate) fn exit(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let code = arguments.value::<u8>(0)?;
    Report::new().with("code", code).print()?;
    // SAFETY: ends the process; its one line is written.
    unsafe { libc::_exit(i32::from(code)) }
}

pub(crate) fn die_by_signal(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let number: i32 = arguments.value(0)?;
    Report::new().with("signal", number).print()?;
    let nothing = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads the structure. Without it the machine would write the memory down for later.
    let limited = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const nothing) };
    checked(limited.into())?;
    // SAFETY: takes away the handlers that Rust's runtime has for some signals.
    unsafe { libc::signal(number, libc::SIG_DFL) };
    // SAFETY: no handler is installed.
    let raised = unsafe { libc::raise(number) };
    checked(raised.into())?;
    Ok(Report::new().with("survived", number))
}

pub(crate) fn signal(number: i32) -> Result<Signal, Usage> {
    Signal::from_named_raw(number).ok_or_else(|| Usage(format!("{number} is no signal")))
}

pub(crate) fn kill(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (pid, number) = (arguments.value(0)?, arguments.value(1)?);
    let target = Pid::from_raw(pid).filter(|pid| pid.as_raw_nonzero().get() > 1);
    let target = target.ok_or_else(|| Usage(format!("{pid} is not to be signalled")))?;
    let result = kill_process(target, signal(number)?);
    Report::new().with("target", pid).with("signal", number).outcome(result)
}

pub(crate) fn kill_own_child(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let number = arguments.value(0)?;
    let victim = Victim::start()?;
    let result = kill_process(victim.pid(), signal(number)?);
    Report::new().with("target", child::number(victim.pid())).with("signal", number).outcome(result)
}
