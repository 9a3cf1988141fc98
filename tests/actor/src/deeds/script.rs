//! Deeds that take more than one program.

use std::{
    env,
    fs::{self, File},
    io::{IsTerminal as _, stdin},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, set_child_subreaper, wait};

use crate::{
    arguments::{Arguments, Usage},
    report::{Lacking, Report},
};

/// Its text.
const VARIABLE: &str = "RAMPART_SCRIPT";

/// In a file, or the whole text would be the shell's command line.
const FILE: &str = "script";
const OUTPUT: &str = "script.out";

/// The script's exit code where the environment lacks what it needs.
const LACKING: i32 = 77;

/// How often is looked for what the script has left behind.
const ROUNDS: usize = 50;

/// Has a shell run a script, and ends what it leaves behind.
pub(crate) fn perform(_: Arguments<'_>) -> anyhow::Result<Report> {
    let text = env::var_os(VARIABLE).ok_or_else(|| Usage(format!("{VARIABLE} is the script's text")))?;
    let text = text.into_string().ok().context("a script that is no UTF-8")?;
    fs::write(FILE, text)?;
    set_child_subreaper(Some(rustix::process::getpid()))?;
    let (status, said) = run()?;
    end_children()?;
    match status.code() {
        Some(0) => Ok(Report::new().with("said", said)),
        Some(LACKING) => {
            Err(Lacking(said.lines().last().unwrap_or("the script gives no reason").to_owned()).into())
        }
        _ => bail!("the script ended with {status}, and said:\n{said}"),
    }
}

/// What it says goes to a file: a pipe would be kept open by what it leaves behind.
fn run() -> anyhow::Result<(ExitStatus, String)> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-eu", FILE]).env_remove(VARIABLE);
    if stdin().is_terminal() {
        return Ok((shell.status()?, String::new()));
    }
    let output = File::create(OUTPUT)?;
    shell.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let status = shell.status()?;
    Ok((status, String::from_utf8_lossy(&fs::read(OUTPUT)?).into_owned()))
}

/// Ends all children: those of a child that ended have become this process's.
fn end_children() -> anyhow::Result<()> {
    let own = fs::read_link("/proc/self")?;
    let own = own.to_str().and_then(|own| own.parse::<i32>().ok()).context("/proc/self")?;
    // In a namespace of its own numbers mean others; there all end with the first.
    if own != rustix::process::getpid().as_raw_nonzero().get() {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        let children = children_of(own)?;
        if children.is_empty() {
            break;
        }
        for child in children {
            kill_process(child, Signal::KILL).unwrap_or_default();
        }
        // One at least has ended or is about to.
        wait(WaitOptions::empty()).map(drop).unwrap_or_default();
    }
    Ok(())
}

fn children_of(parent: i32) -> anyhow::Result<Vec<Pid>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that has ended since is nobody's child.
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let of = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        if of.and_then(|of| of.trim().parse().ok()) == Some(parent) {
            children.extend(Pid::from_raw(pid));
        }
    }
    Ok(children)
}
