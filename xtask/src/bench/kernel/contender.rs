//! Who is measured: the machine as it is, and whoever watches it.

use anyhow::Result;

use super::storm::Deed;
use crate::bench::process::Memory;

/// Name of the machine that nobody watches.
pub(super) const BARE: &str = "bare";

/// Somebody whose watching costs something.
pub(super) trait Contender {
    fn name(&self) -> &'static str;

    /// What it watches, and is measured by.
    fn deeds(&self) -> &'static [Deed];

    /// Starts it, and returns when it watches.
    fn start(&self) -> Result<Box<dyn Watcher + '_>>;
}

/// A contender that is watching.
pub(super) trait Watcher {
    /// What it has used and seen so far, when it is done with all that has happened; `None` of who uses nothing.
    fn tally(&mut self) -> Result<Option<Tally>>;

    /// Ends it; an error when it has not watched at all.
    fn stop(self: Box<Self>) -> Result<()>;
}

/// What a watcher has used and seen since it was started.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) cpu_seconds: f64,
    pub(super) memory: Memory,
    /// What it was told by the kernel, where it says so.
    pub(super) events: Option<f64>,
    /// What it missed, where it says so.
    pub(super) lost: Option<f64>,
}

impl Tally {
    /// What came on top of an earlier one.
    pub(super) fn since(self, earlier: Self) -> Self {
        let difference = |(later, earlier)| later - earlier;
        Self {
            cpu_seconds: self.cpu_seconds - earlier.cpu_seconds,
            memory: self.memory,
            events: self.events.zip(earlier.events).map(difference),
            lost: self.lost.zip(earlier.lost).map(difference),
        }
    }

    /// Both together; the memory is the larger one.
    pub(super) fn and(self, other: Self) -> Self {
        let sum = |(one, another)| one + another;
        let memory = Memory {
            resident: self.memory.resident.max(other.memory.resident),
            peak: self.memory.peak.max(other.memory.peak),
        };
        Self {
            cpu_seconds: self.cpu_seconds + other.cpu_seconds,
            memory,
            events: self.events.zip(other.events).map(sum),
            lost: self.lost.zip(other.lost).map(sum),
        }
    }
}

/// The machine that nobody watches.
#[derive(Debug)]
pub(super) struct Bare;

impl Contender for Bare {
    fn name(&self) -> &'static str {
        BARE
    }

    fn deeds(&self) -> &'static [Deed] {
        &[Deed::Spawn, Deed::Connect]
    }

    fn start(&self) -> Result<Box<dyn Watcher + '_>> {
        Ok(Box::new(Self))
    }
}

impl Watcher for Bare {
    fn tally(&mut self) -> Result<Option<Tally>> {
        Ok(None)
    }

    fn stop(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
