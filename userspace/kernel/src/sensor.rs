use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use aya::{
    Ebpf, EbpfLoader,
    maps::{Map, MapData, PerCpuArray, RingBuf},
    programs::{BtfTracePoint, ProgramError, TracePoint},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Resource, Rlimit, setrlimit},
};

use crate::{
    Capture, HookState, LoadError, Missing, Point, ReadError, Tally,
    btf::{Btf, VMLINUX},
    counters::event_kind,
    decode::{decode, kind_of},
    hook::{HOOKS, Hook},
    object, offsets, probe,
};

/// How often the reader looks at the ring buffer when nothing wakes it, and whether it should stop.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// How often the loss counters are read.
const COUNTERS_EVERY: Duration = Duration::from_secs(1);

/// Most records, and most bytes of them, in one [`Batch`].
const BATCH_RECORDS: usize = 512;
const BATCH_BYTES: usize = 256 * 1024;

/// How the sensor is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorConfig {
    /// Size of the ring buffer in bytes: a power of two, at least a page.
    pub ring_bytes: u32,
}

impl Default for SensorConfig {
    fn default() -> Self {
        // 8 MiB hold some 55,000 connects or 12,000 execs: a burst's worth while the reader is held up.
        Self { ring_bytes: 8 << 20 }
    }
}

/// The loaded and attached programs.
#[derive(Debug)]
pub struct Sensor {
    ebpf: Ebpf,
    hooks: Vec<HookState>,
    missing: Vec<Missing>,
}

impl Sensor {
    /// Loads the programs and attaches each hook that this kernel allows.
    ///
    /// # Errors
    /// [`LoadError`] when nothing can work; a single hook that cannot be attached is only told in
    /// [`Sensor::hooks`].
    pub fn load(config: &SensorConfig) -> Result<Self, LoadError> {
        probe::require_release()?;
        probe::require_capabilities()?;
        let object = object::embedded().ok_or(LoadError::NoPrograms)?;
        let (values, missing) = offsets::resolve(&Btf::parse(&probe::read_btf()?)?)?;
        probe::mount_tracefs();
        raise_memory_limit();

        let types = aya::Btf::parse_file(VMLINUX, aya::Endianness::default())
            .map_err(|error| LoadError::Object(Box::new(error.into())))?;
        let mut ebpf = EbpfLoader::new()
            .btf(Some(&types))
            .override_global("OFFSETS", values.as_slice(), true)
            .map_max_entries("EVENTS", config.ring_bytes)
            .map_max_entries("EXEC_ROOM", possible_cpus()?)
            .load(object)
            .map_err(|error| LoadError::Object(Box::new(error)))?;

        let hooks: Vec<_> = HOOKS
            .iter()
            .map(|hook| HookState {
                hook: *hook,
                result: attach(&mut ebpf, hook, &types).map_err(|error| chain(&error)),
            })
            .collect();
        if hooks.iter().all(|state| state.result.is_err()) {
            let first = hooks.into_iter().find_map(|state| state.result.err());
            return Err(LoadError::NoHooks(first.unwrap_or_default()));
        }
        Ok(Self { ebpf, hooks, missing })
    }

    /// Each hook: attached, or why not.
    #[must_use]
    pub fn hooks(&self) -> &[HookState] {
        &self.hooks
    }

    /// Kernel fields that are not there.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Goes over to reading.
    ///
    /// # Errors
    /// [`LoadError::Map`] when the object lacks a map.
    pub fn into_reader(mut self) -> Result<Reader, LoadError> {
        let ring = RingBuf::try_from(take_map(&mut self.ebpf, "EVENTS")?)
            .map_err(|source| LoadError::Map { name: "EVENTS", source: Some(source) })?;
        let counters = PerCpuArray::try_from(take_map(&mut self.ebpf, "COUNTERS")?)
            .map_err(|source| LoadError::Map { name: "COUNTERS", source: Some(source) })?;
        Ok(Reader { programs: Some(self.ebpf), ring, counters, tally: Tally::default() })
    }
}

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
    programs: Option<Ebpf>,
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
        self.programs = None;
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
        Ok(())
    }
}

fn take_map(ebpf: &mut Ebpf, name: &'static str) -> Result<Map, LoadError> {
    ebpf.take_map(name).ok_or(LoadError::Map { name, source: None })
}

fn attach(ebpf: &mut Ebpf, hook: &Hook, types: &aya::Btf) -> Result<(), ProgramError> {
    let missing = || ProgramError::InvalidName { name: hook.program.to_owned() };
    let program = ebpf.program_mut(hook.program).ok_or_else(missing)?;
    match hook.point {
        Point::BtfTracepoint(name) => {
            let program: &mut BtfTracePoint = program.try_into()?;
            program.load(name, types)?;
            program.attach()?;
        }
        Point::Syscall(name) => {
            let program: &mut TracePoint = program.try_into()?;
            program.load()?;
            program.attach("syscalls", name)?;
        }
    }
    Ok(())
}

/// An error with all its causes, in one line; of a verifier's log only its verdict: the last lines before its
/// statistics.
fn chain(error: &ProgramError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let statistics = ["processed ", "stack depth ", "verification time ", ": "];
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !statistics.iter().any(|start| line.starts_with(start)))
        .collect();
    match lines.as_slice() {
        [first, .., before, verdict] => format!("{first} … {before} … {verdict}"),
        _ => lines.join(" "),
    }
}

/// Before Linux 5.11 the memory of maps counts against RLIMIT_MEMLOCK. Later kernels need nothing, and there
/// it does not matter that raising the limit wants CAP_SYS_RESOURCE.
fn raise_memory_limit() {
    if let Err(error) = setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None }) {
        tracing::debug!(%error, "RLIMIT_MEMLOCK cannot be raised");
    }
}

fn possible_cpus() -> Result<u32, LoadError> {
    let cpus =
        aya::util::nr_cpus().map_err(|(file, source)| LoadError::Cpus { file: file.to_owned(), source })?;
    Ok(u32::try_from(cpus).unwrap_or(u32::MAX))
}
