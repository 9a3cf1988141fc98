use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aya::maps::{Array, MapData, PerCpuArray, RingBuf};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    Capture, Demand, Flood, ProgramCost, ReadError, Sensor, Tally,
    counters::event_kind,
    decode::{decode, kind_of},
    flood::Floods,
    program::Programs,
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
    /// About once a second.
    pub account: Option<Account>,
}

/// What the programs have counted so far.
#[derive(Debug)]
pub struct Account {
    /// Events, by kind.
    pub tally: Tally,
    /// What has been summarised since the last account.
    pub floods: Vec<Flood>,
    /// What each program has cost; nothing where the kernel does not measure it (sysctl kernel.bpf_stats_enabled).
    pub costs: Vec<ProgramCost>,
}

/// Words of [`rampart_abi::Counters`].
type CounterWords = [u64; 3];

/// Reads the ring buffer; belongs on a thread of its own.
pub struct Reader {
    sensor: Option<Sensor>,
    closed: Array<MapData, u32>,
    wishes: Wishes,
    ring: RingBuf<MapData>,
    counters: PerCpuArray<MapData, CounterWords>,
    floods: Floods,
    programs: Programs,
    tally: Tally,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("tally", &self.tally).finish_non_exhaustive()
    }
}

impl Reader {
    pub(crate) fn new(
        sensor: Sensor,
        ring: RingBuf<MapData>,
        counters: PerCpuArray<MapData, CounterWords>,
        floods: Floods,
        closed: Array<MapData, u32>,
    ) -> Self {
        if sensor.attached().iter().any(|program| program.ask().is_some_and(|said| said.skipped.is_none())) {
            tracing::warn!(
                "this kernel does not tell how often it left a program out; that loss is not counted"
            );
        }
        Self {
            sensor: Some(sensor),
            closed,
            wishes: Wishes::default(),
            ring,
            counters,
            floods,
            programs: Programs::default(),
            tally: Tally::default(),
        }
    }

    /// Hands batches to `deliver` until `stop` is set or `deliver` breaks; then silences the programs, drains
    /// what is left and returns the final account. The programs are detached on another thread: the kernel waits for all that
    /// may still run in them, one after the other, which takes seconds on a busy machine.
    ///
    /// When `deliver` blocks, the ring buffer fills up, and what finds no room there is counted.
    ///
    /// # Errors
    /// [`ReadError`] when the kernel refuses to be waited for or asked.
    pub fn run(
        mut self,
        stop: &AtomicBool,
        mut deliver: impl FnMut(Batch) -> ControlFlow<()>,
    ) -> Result<Account, ReadError> {
        let mut counted = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            self.wait()?;
            self.grant();
            let mut batch = self.read();
            if counted.elapsed() >= COUNTERS_EVERY {
                counted = Instant::now();
                batch.account = Some(self.account()?);
            }
            if (batch.account.is_some() || !batch.captures.is_empty()) && deliver(batch).is_break() {
                break;
            }
        }
        self.count()?;
        self.closed.set(0, 1, 0)?;
        let sensor = self.sensor.take();
        self.drain(deliver)?;
        detach(sensor);
        let floods = self.floods.take()?;
        Ok(Account { floods, ..self.account()? })
    }

    /// After the programs are silenced one may still be running on another CPU: the counters are believed
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

    /// Others may ask for other events while this one runs.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        self.wishes.clone()
    }

    fn grant(&mut self) {
        let Some(demand) = self.wishes.take() else { return };
        let Some(sensor) = &mut self.sensor else { return };
        match sensor.demand(&demand) {
            Ok(()) => tracing::info!(hooks = sensor.attached().len(), "hooks changed"),
            Err(error) => tracing::error!(%error, "the hooks stay as they were"),
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

    fn account(&mut self) -> Result<Account, ReadError> {
        let before = self.tally.summarised();
        self.count()?;
        let floods = if self.tally.summarised() > before { self.floods.take()? } else { Vec::new() };
        Ok(Account { tally: self.tally, floods, costs: self.programs.costs() })
    }

    fn count(&mut self) -> Result<(), ReadError> {
        for kind in rampart_abi::Kind::ALL {
            let per_cpu = self.counters.get(&(*kind as u32), 0)?;
            if let Some(counters) = self.tally.of_mut(event_kind(*kind)) {
                counters.seen = per_cpu.iter().map(|[seen, ..]| seen).sum();
                counters.lost_ring = per_cpu.iter().map(|[_, lost, _]| lost).sum();
                counters.summarised = per_cpu.iter().map(|[.., summarised]| summarised).sum();
            }
        }
        if let Some(sensor) = &self.sensor {
            self.programs.update(sensor.attached());
        }
        for (kind, skipped) in self.programs.skipped() {
            if let Some(counters) = self.tally.of_mut(kind) {
                counters.skipped = skipped;
            }
        }
        Ok(())
    }
}

/// Detaches the programs without anybody waiting for it; where there is no thread to be had, with.
fn detach(sensor: Option<Sensor>) {
    let thread = std::thread::Builder::new().name("detach".to_owned());
    if let Err(error) = thread.spawn(move || drop(sensor)) {
        tracing::warn!(%error, "the programs are detached before the end");
    }
}

/// What others want the sensor to hear of from now on.
#[derive(Debug, Clone, Default)]
pub struct Wishes(Arc<Mutex<Option<Demand>>>);

impl Wishes {
    /// Asks for other events. Of two wishes in quick succession only the later is granted.
    pub fn ask(&self, demand: Demand) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(demand);
    }

    fn take(&self) -> Option<Demand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
