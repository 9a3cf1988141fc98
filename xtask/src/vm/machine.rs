//! One boot of a guest: its console on this terminal and in a file, and an end in bounded time.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, PipeReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::console;

/// The program that boots guests.
pub(crate) const EMULATOR: &str = "qemu-system-x86_64";

/// A boot with all scenarios takes a small part of it on an idle machine.
const PATIENCE: Duration = Duration::from_mins(10);

/// Switching off takes a moment after the last line.
const GRACE: Duration = Duration::from_secs(10);

/// A guest that writes without end is not kept without end.
const LONGEST_CONSOLE: u64 = 64 << 20;

/// The `bpf` at the end of `lsm` is what LSM programs need; some distributions leave it out.
const ARGUMENTS: &str = "console=ttyS0 quiet panic=1 lsm=lockdown,capability,landlock,yama,bpf";

/// What is booted.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    /// Shown before each line of the console.
    pub(super) name: &'a str,
    pub(super) vmlinuz: &'a Path,
    pub(super) initramfs: &'a Path,
    /// The environment of the guest's first program: without spaces.
    pub(super) variables: [(&'a str, &'a str); 2],
    /// Where the console is kept.
    pub(super) log: &'a Path,
}

/// What came of a boot that ended by itself.
#[derive(Debug)]
pub(super) struct Ended {
    /// 0 when everything in the guest went well.
    pub(super) status: i32,
    /// The whole console.
    pub(super) lines: Vec<String>,
}

impl Machine<'_> {
    /// Boots it and waits for its end.
    pub(super) fn boot(&self) -> Result<Ended> {
        let (console, mut emulator) = self.start()?;
        let (sender, receiver) = sync_channel(1024);
        thread::Builder::new()
            .name("console".to_owned())
            .spawn(move || forward(console, &sender))
            .context("no thread can be had")?;
        self.watch(&mut emulator, &receiver)
            .with_context(|| format!("Linux {} (console: {})", self.name, self.log.display()))
    }

    fn start(&self) -> Result<(PipeReader, Emulator)> {
        let (reader, writer) = io::pipe().context("no pipe can be had")?;
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let child = command.spawn().with_context(|| format!("cannot start {EMULATOR}"))?;
        Ok((reader, Emulator { child, was_ended: false }))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(EMULATOR);
        // Always emulated: where this machine is itself a guest, /dev/kvm may be there and hang.
        command.args(["-accel", "tcg", "-cpu", "max", "-m", "1024", "-smp", "2"]);
        // Not `-nographic`: with it the firmware writes to the console too, and clears the terminal.
        command.args(["-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"]);
        command.arg("-kernel").arg(self.vmlinuz).arg("-initrd").arg(self.initramfs);
        command.arg("-append").arg(self.arguments());
        command
    }

    /// The kernel hands what it does not know, as `NAME=value`, to its first program.
    fn arguments(&self) -> String {
        let variables = self.variables.map(|(name, value)| format!(" {name}={value}"));
        format!("{ARGUMENTS}{}", variables.concat())
    }

    /// Shows and keeps the console until the guest has gone down.
    fn watch(&self, emulator: &mut Emulator, receiver: &Receiver<io::Result<String>>) -> Result<Ended> {
        let mut log = File::create(self.log)?;
        let mut lines = Vec::new();
        let mut status = None;
        let mut is_probe = false;
        let mut deadline = Instant::now() + PATIENCE;
        loop {
            match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let line = line.context("the console cannot be read")?;
                    writeln!(log, "{line}")?;
                    is_probe = console::is_probe(is_probe, &line);
                    if !is_probe {
                        println!("{} | {line}", self.name);
                    }
                    if let Some(found) = console::status(&line) {
                        status = Some(found);
                        deadline = deadline.min(Instant::now() + GRACE);
                    }
                    lines.push(line);
                }
                // The console's last line has no end yet, and may name the test that hangs.
                Err(RecvTimeoutError::Timeout) if !emulator.was_ended => {
                    emulator.end();
                    deadline = Instant::now() + GRACE;
                }
                Err(_) => break,
            }
        }
        match status {
            Some(status) => Ok(Ended { status, lines }),
            None if emulator.was_ended => bail!("the guest did not end in {} s", PATIENCE.as_secs()),
            None => bail!("the guest went down before its tests ended"),
        }
    }
}

/// A running emulator, which does not outlive the boot.
#[derive(Debug)]
struct Emulator {
    child: Child,
    was_ended: bool,
}

impl Emulator {
    fn end(&mut self) {
        self.was_ended = true;
        // It may have ended by itself, and then there is nothing to do.
        if self.child.kill().is_ok() {
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.end();
    }
}

fn forward(console: PipeReader, lines: &SyncSender<io::Result<String>>) {
    for line in BufReader::new(console.take(LONGEST_CONSOLE)).split(b'\n') {
        if lines.send(line.map(|line| console::cleaned(&line))).is_err() {
            return;
        }
    }
}
