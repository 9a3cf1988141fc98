use std::{
    fs,
    ops::ControlFlow,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use aya::{
    Ebpf,
    maps::{MapData, PerCpuArray, RingBuf},
};
use rampart_model::EventKind;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    Capture, ReadError, Tally,
    counters::event_kind,
    decode::{decode, kind_of},
};

/// How often the reader looks at the ring buffer when nothing wakes it, and whether it should stop.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// How often the loss counters are read.
const COUNTERS_EVERY: Duration = Duration::from_secs(1);

/// Most records, and most bytes of them, in one [`Batch`].
const BATCH_RECORDS: usize = 512;
const BATCH_BYTES: usize = 256 * 1024;

/// Several decoded records, in the order of the ring buffer.
#[derive(Debug, Default)]
pub struct Batch {
    /// The records.
    pub captures: Vec<Capture>,
    /// The counters, about once a second.
    pub tally: Option<Tally>,
}

/// Reads the ring buffer; belongs on a thread of its own.
pub struct Reader {
    // Dropped first, to detach the programs before the last drain.
    ebpf: Option<Ebpf>,
    programs: Vec<AttachedProgram>,
    ring: RingBuf<MapData>,
    counters: PerCpuArray<MapData, [u64; 2]>,
    tally: Tally,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("tally", &self.tally).finish_non_exhaustive()
    }
}

impl Reader {
    pub(crate) fn new(
        ebpf: Ebpf,
        programs: Vec<AttachedProgram>,
        ring: RingBuf<MapData>,
        counters: PerCpuArray<MapData, [u64; 2]>,
    ) -> Self {
        if programs.iter().any(|program| program.skipped().is_none()) {
            tracing::warn!(
                "this kernel does not tell how often it left a program out; that loss is not counted"
            );
        }
        Self { ebpf: Some(ebpf), programs, ring, counters, tally: Tally::default() }
    }

    /// Hands batches to `deliver` until `stop` is set or `deliver` breaks; then detaches the programs, drains
    /// what is left and returns the final counters.
    ///
    /// When `deliver` blocks, the ring buffer fills up, and what finds no room there is counted.
    ///
    /// # Errors
    /// [`ReadError`] when the kernel refuses to be waited for or asked.
    pub fn run(
        mut self,
        stop: &AtomicBool,
        mut deliver: impl FnMut(Batch) -> ControlFlow<()>,
    ) -> Result<Tally, ReadError> {
        let mut counted = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            self.wait()?;
            let mut batch = self.read();
            if counted.elapsed() >= COUNTERS_EVERY {
                counted = Instant::now();
                self.count()?;
                batch.tally = Some(self.tally);
            }
            if (batch.tally.is_some() || !batch.captures.is_empty()) && deliver(batch).is_break() {
                break;
            }
        }
        self.count()?;
        // Their descriptors are closed with them.
        self.programs.clear();
        self.ebpf = None;
        self.drain(deliver)?;
        Ok(self.tally)
    }

    /// After the programs are detached one may still be running on another CPU: the counters are believed
    /// when they and the ring have stood still for a tick.
    fn drain(&mut self, mut deliver: impl FnMut(Batch) -> ControlFlow<()>) -> Result<(), ReadError> {
        loop {
            let before = self.tally;
            let batch = self.read();
            let quiet = batch.captures.is_empty();
            if !quiet && deliver(batch).is_break() {
                return self.count();
            }
            self.count()?;
            if quiet && self.tally == before {
                return Ok(());
            }
            if quiet {
                self.wait()?;
            }
        }
    }

    fn wait(&self) -> Result<(), ReadError> {
        let mut interest = [PollFd::new(&self.ring, PollFlags::IN)];
        match poll(&mut interest, Some(&TICK)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&mut self) -> Batch {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while batch.captures.len() < BATCH_RECORDS && bytes < BATCH_BYTES {
            let Some(record) = self.ring.next() else { break };
            bytes += record.len();
            let kind = kind_of(&record).and_then(|kind| self.tally.of_mut(event_kind(kind)));
            match decode(&record) {
                Ok(capture) => {
                    if let Some(kind) = kind {
                        kind.delivered += 1;
                    }
                    batch.captures.push(capture);
                }
                Err(error) => {
                    if let Some(kind) = kind {
                        kind.lost_decode += 1;
                    }
                    tracing::debug!(%error, "a record cannot be decoded");
                }
            }
        }
        batch
    }

    fn count(&mut self) -> Result<(), ReadError> {
        for kind in rampart_abi::Kind::ALL {
            let per_cpu = self.counters.get(&(*kind as u32), 0)?;
            if let Some(counters) = self.tally.of_mut(event_kind(*kind)) {
                counters.seen = per_cpu.iter().map(|[seen, _]| seen).sum();
                counters.lost_ring = per_cpu.iter().map(|[_, lost]| lost).sum();
            }
        }
        if !self.programs.is_empty() {
            self.count_skipped();
        }
        Ok(())
    }

    fn count_skipped(&mut self) {
        for kind in EventKind::ALL {
            let of_kind = self.programs.iter().filter(|program| program.kind == kind);
            let skipped = of_kind.filter_map(AttachedProgram::skipped).sum();
            if let Some(counters) = self.tally.of_mut(kind) {
                counters.skipped = skipped;
            }
        }
    }
}

/// What the kernel tells of an attached program through its descriptor.
#[derive(Debug)]
pub(crate) struct AttachedProgram {
    pub(crate) kind: EventKind,
    /// Its file under /proc/self/fdinfo.
    pub(crate) fdinfo: PathBuf,
}

impl AttachedProgram {
    /// Runs that the kernel left out; none where it does not tell (before Linux 5.12).
    fn skipped(&self) -> Option<u64> {
        let info = fs::read_to_string(&self.fdinfo).ok()?;
        let count = info.lines().find_map(|line| line.strip_prefix("recursion_misses:"))?;
        count.trim().parse().ok()
    }
}
