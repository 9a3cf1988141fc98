//! A command that runs.

use std::{
    io::{self, PipeReader, Read as _},
    os::fd::OwnedFd,
    process::{Child, ExitStatus},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_setfl},
    io::Errno,
    process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open},
};

use super::{
    Limits,
    governor::{self, Turns},
};

/// How long a killed process is waited for. It goes at once, or when the kernel is done with what it waits for itself: a
/// disk or a server that does not answer.
const DEATH: Duration = Duration::from_secs(5);

/// Killed processes that did not go. Past so many, no more commands are run.
const LEFTOVERS: usize = 16;

/// Bytes read at a time.
const CHUNK: usize = 16 << 10;

/// Why a command is no longer followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Itself,
    TimedOut,
    TooMuch,
}

/// What is left of a command.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) end: End,
    /// None: it was killed, and did not go.
    pub(super) status: Option<ExitStatus>,
    pub(super) output: Vec<u8>,
    /// Without the time in which it was stopped.
    pub(super) ran: Duration,
    pub(super) cpu: Duration,
}

/// Killed processes that did not go. They are waited for now and then.
#[derive(Debug, Default)]
pub(super) struct Leftovers(Mutex<Vec<Child>>);

impl Leftovers {
    /// Whether there are too many of them.
    pub(super) fn are_too_many(&self) -> bool {
        let mut children = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        children.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        children.len() >= LEFTOVERS
    }

    fn add(&self, child: Child) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(child);
    }
}

/// A command that runs, and its output so far.
pub(super) struct Running<'a> {
    limits: &'a Limits,
    turns: Option<Turns>,
    child: Child,
    group: Pid,
    // Tells of the end without waiting for the process, whose id stays its own until it is waited for.
    handle: OwnedFd,
    pipe: Option<PipeReader>,
    output: Vec<u8>,
    // Turns that are over, and the beginning of the one that is not.
    ran: Duration,
    turn: Instant,
    ended: Option<Instant>,
}

impl<'a> Running<'a> {
    /// # Errors
    /// When the kernel has no descriptor left. The command is killed then.
    pub(super) fn new(
        mut child: Child,
        pipe: PipeReader,
        limits: &'a Limits,
        turns: Option<Turns>,
    ) -> io::Result<Self> {
        let group = Pid::from_child(&child);
        let prepared = pidfd_open(group, PidfdFlags::empty())
            .and_then(|handle| fcntl_setfl(&pipe, OFlags::NONBLOCK).map(|()| handle));
        let handle = match prepared {
            Ok(handle) => handle,
            Err(errno) => {
                signal(group, Signal::KILL);
                child.wait()?;
                return Err(errno.into());
            }
        };
        Ok(Self {
            limits,
            turns,
            child,
            group,
            handle,
            pipe: Some(pipe),
            output: Vec::new(),
            ran: Duration::ZERO,
            turn: Instant::now(),
            ended: None,
        })
    }

    /// Follows the command until it and its output end, or a limit is reached, and leaves nothing of it behind.
    pub(super) fn follow(mut self, leftovers: &Leftovers) -> io::Result<Remains> {
        let followed = self.watch().and_then(|end| {
            let ran = self.ran();
            self.clear(end).map(|()| (end, ran))
        });
        let (end, ran) = match followed {
            Ok(followed) => followed,
            Err(error) => {
                signal(self.group, Signal::KILL);
                leftovers.add(self.child);
                return Err(error);
            }
        };
        let cpu = governor::process_used(self.child.id());
        let status = if self.ended.is_some() {
            Some(self.child.wait()?)
        } else {
            leftovers.add(self.child);
            None
        };
        Ok(Remains { end, status, output: self.output, ran, cpu })
    }

    fn watch(&mut self) -> io::Result<End> {
        loop {
            if let Some(end) = self.end() {
                return Ok(end);
            }
            self.rest();
            self.wait(self.until())?;
        }
    }

    fn ran(&self) -> Duration {
        self.ran + self.ended.map_or_else(|| self.turn.elapsed(), |ended| ended.duration_since(self.turn))
    }

    fn end(&self) -> Option<End> {
        if self.output.len() > self.limits.command_bytes {
            return Some(End::TooMuch);
        }
        match self.ended {
            Some(ended) => {
                let over = self.pipe.is_none() || ended.elapsed() >= self.limits.command_linger;
                over.then_some(End::Itself)
            }
            None => (self.ran() >= self.limits.command_time).then_some(End::TimedOut),
        }
    }

    /// How long nothing needs to be looked at unless something comes.
    fn until(&self) -> Duration {
        match (self.ended, self.turns) {
            (Some(ended), _) => self.limits.command_linger.saturating_sub(ended.elapsed()),
            (None, turns) => {
                let left = self.limits.command_time.saturating_sub(self.ran());
                turns.map_or(left, |turns| left.min(turns.turn.saturating_sub(self.turn.elapsed())))
            }
        }
    }

    /// Stops the command for a while when its turn is over and it has used more than its share.
    fn rest(&mut self) {
        let Some(turns) = self.turns.filter(|turns| self.turn.elapsed() >= turns.turn) else { return };
        if self.ended.is_some() {
            return;
        }
        self.ran += self.turn.elapsed();
        let owed = turns.owed(self.child.id(), self.ran);
        if !owed.is_zero() {
            signal(self.group, Signal::STOP);
            thread::sleep(owed);
            signal(self.group, Signal::CONT);
        }
        self.turn = Instant::now();
    }

    /// Waits for output or for the end, whichever comes first.
    fn wait(&mut self, time: Duration) -> io::Result<()> {
        // Neither is asked for any more once it has come: it would be there at once.
        let handle = self.ended.is_none().then(|| PollFd::new(&self.handle, PollFlags::IN));
        let pipe = self.pipe.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN));
        let asks_handle = handle.is_some();
        let mut asked: Vec<PollFd<'_>> = handle.into_iter().chain(pipe).collect();
        let time = Timespec::try_from(time).map_err(|_| Errno::INVAL)?;
        match poll(&mut asked, Some(&time)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let has_come = |asked: Option<&PollFd<'_>>| asked.is_some_and(|asked| !asked.revents().is_empty());
        let has_ended = asks_handle && has_come(asked.first());
        let has_output = has_come(asked.get(usize::from(asks_handle)));
        if has_output {
            self.read()?;
        }
        if has_ended {
            self.ended = Some(Instant::now());
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        let mut chunk = [0; CHUNK];
        match pipe.read(&mut chunk) {
            Ok(0) => self.pipe = None,
            Ok(count) => self.output.extend(chunk.iter().take(count)),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Ends the command and those it started, as far as they are still in its group. A command that has ended by itself,
    /// and whose output has, may leave others behind: it was asked to start them.
    fn clear(&mut self, end: End) -> io::Result<()> {
        let has_output = self.pipe.take().is_some();
        if end == End::Itself {
            if has_output {
                signal(self.group, Signal::KILL);
            }
            return Ok(());
        }
        if self.ended.is_none() {
            signal(self.group, Signal::TERM);
            self.die_within(self.limits.command_grace)?;
        }
        signal(self.group, Signal::KILL);
        self.die_within(DEATH)
    }

    fn die_within(&mut self, time: Duration) -> io::Result<()> {
        let asked = Instant::now();
        while self.ended.is_none() && asked.elapsed() < time {
            self.wait(time.saturating_sub(asked.elapsed()))?;
        }
        Ok(())
    }
}

/// To a command's process group, or to the process alone while it does not lead one yet. It was not waited for, so that
/// the numbers are its own. Whoever is gone has no need of it.
fn signal(group: Pid, signal: Signal) {
    if kill_process_group(group, signal).is_err() {
        kill_process(group, signal).unwrap_or_default();
    }
}
