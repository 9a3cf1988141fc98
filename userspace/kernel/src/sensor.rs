use std::os::fd::{AsFd as _, AsRawFd as _};

use aya::{
    Ebpf, EbpfLoader,
    maps::{Map, PerCpuArray, RingBuf},
    programs::{BtfTracePoint, ProgramError, TracePoint},
};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{
    HookState, LoadError, Missing, Point, Reader,
    btf::{Btf, VMLINUX},
    hook::{HOOKS, Hook},
    memory, object, offsets, probe,
    reader::AttachedProgram,
};

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
    programs: Vec<AttachedProgram>,
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

        let mut programs = Vec::new();
        let mut hooks = Vec::new();
        for hook in HOOKS {
            let result = attach(&mut ebpf, hook, &types).map(|program| programs.push(program));
            hooks.push(HookState { hook: *hook, result: result.map_err(|error| chain(&error)) });
        }
        if hooks.iter().all(|state| state.result.is_err()) {
            let first = hooks.into_iter().find_map(|state| state.result.err());
            return Err(LoadError::NoHooks(first.unwrap_or_default()));
        }
        drop(types);
        memory::give_back();
        Ok(Self { ebpf, programs, hooks, missing })
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
        Ok(Reader::new(self.ebpf, self.programs, ring, counters))
    }
}

fn take_map(ebpf: &mut Ebpf, name: &'static str) -> Result<Map, LoadError> {
    ebpf.take_map(name).ok_or(LoadError::Map { name, source: None })
}

fn attach(ebpf: &mut Ebpf, hook: &Hook, types: &aya::Btf) -> Result<AttachedProgram, ProgramError> {
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
    let descriptor = program.fd()?.as_fd().as_raw_fd();
    Ok(AttachedProgram { kind: hook.kind, fdinfo: format!("/proc/self/fdinfo/{descriptor}").into() })
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
