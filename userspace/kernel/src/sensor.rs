use std::fs;

use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, HashMap, Map, MapData, PerCpuArray, RingBuf},
};
use rampart_abi::{ABSENT, Offsets, PENDING_PER_CPU};
use rampart_model::Watch;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{
    Attachment, Demand, Hook, HookState, LoadError, Missing, Point, Reader,
    attach::{attach, chain, detach},
    btf::{Btf, VMLINUX},
    flood::Floods,
    hook::HOOKS,
    memory, object, offsets, probe,
    program::AttachedProgram,
    watch::WatchMaps,
};

/// Where the kernel lists the security modules that are on.
const SECURITY_MODULES: &str = "/sys/kernel/security/lsm";

/// How many eighths of the ring buffer records that come in storms may fill: the rest is for what must not be lost.
const BULK_EIGHTHS: u64 = 6;

/// Which hooks may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HookChoice {
    /// The best that the kernel allows.
    #[default]
    Auto,
    /// Tracepoints only, which every kernel has.
    Tracepoints,
}

/// How the sensor is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorConfig {
    /// Size of the ring buffer in bytes: a power of two, at least a page.
    pub ring_bytes: u32,
    /// Which hooks may be used.
    pub hooks: HookChoice,
}

impl Default for SensorConfig {
    fn default() -> Self {
        // 8 MiB hold some 55,000 connects or 12,000 execs: a burst's worth while the reader is held up.
        Self { ring_bytes: 8 << 20, hooks: HookChoice::Auto }
    }
}

/// The loaded and attached programs.
pub struct Sensor {
    ebpf: Ebpf,
    watch: WatchMaps,
    resolved: Array<MapData, u64>,
    choice: HookChoice,
    attached: Vec<AttachedProgram>,
    hooks: Vec<HookState>,
    missing: Vec<Missing>,
    fields: Vec<u32>,
}

impl std::fmt::Debug for Sensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sensor").field("attached", &self.attached).finish_non_exhaustive()
    }
}

impl Sensor {
    /// Loads the programs and attaches each hook that is wanted and that this kernel allows.
    ///
    /// # Errors
    /// [`LoadError`] when nothing can work; a single hook that cannot be attached is only told in
    /// [`Sensor::hooks`].
    pub fn load(config: SensorConfig, demand: &Demand) -> Result<Self, LoadError> {
        probe::require_release()?;
        probe::require_capabilities()?;
        probe::mount_what_the_kernel_tells();
        raise_memory_limit();
        let (fields, missing) = offsets::resolve(&Btf::parse(&probe::read_btf()?)?)?;
        let types = kernel_types()?;
        let mut sensor = Self::prepare(config, fields, missing, &types)?;
        sensor.attach_wanted(demand, &types)?;
        if sensor.attached.is_empty() {
            // The verifiers of kernels built with type tags want proof that pointers are not null: then all is read by
            // the helper, which asks for none.
            let fields = without_direct_reads(&sensor.fields);
            let missing = std::mem::take(&mut sensor.missing);
            sensor = Self::prepare(config, fields, missing, &types)?;
            sensor.attach_wanted(demand, &types)?;
        }
        if sensor.attached.is_empty() {
            let first = sensor.hooks.iter().find_map(|state| match &state.attachment {
                Attachment::Refused(reason) => Some(reason.clone()),
                _ => None,
            });
            return Err(LoadError::NoHooks(first.unwrap_or_default()));
        }
        drop(types);
        memory::give_back();
        Ok(sensor)
    }

    fn prepare(
        config: SensorConfig,
        fields: Vec<u32>,
        missing: Vec<Missing>,
        types: &aya::Btf,
    ) -> Result<Self, LoadError> {
        let object = object::embedded().ok_or(LoadError::NoPrograms)?;
        let cpus = possible_cpus()?;
        let mut ebpf = EbpfLoader::new()
            .btf(Some(types))
            .override_global("OFFSETS", fields.as_slice(), true)
            .override_global("BULK_BYTES", &(u64::from(config.ring_bytes) / 8 * BULK_EIGHTHS), true)
            .map_max_entries("EVENTS", config.ring_bytes)
            .map_max_entries("EXEC_ROOM", cpus)
            .map_max_entries("NEWEST", cpus)
            .map_max_entries("PENDING_SLOTS", cpus.saturating_mul(PENDING_PER_CPU))
            .load(object)
            .map_err(|error| LoadError::Object(Box::new(error)))?;
        let watch = WatchMaps::new(
            HashMap::try_from(take_map(&mut ebpf, "WATCH")?).map_err(unusable("WATCH"))?,
            Array::try_from(take_map(&mut ebpf, "WATCH_MODES")?).map_err(unusable("WATCH_MODES"))?,
            Array::try_from(take_map(&mut ebpf, "WATCH_FILTERS")?).map_err(unusable("WATCH_FILTERS"))?,
        );
        let resolved = Array::try_from(take_map(&mut ebpf, "RESOLVED")?).map_err(unusable("RESOLVED"))?;
        let (attached, hooks) = (Vec::new(), Vec::new());
        Ok(Self { ebpf, watch, resolved, choice: config.hooks, attached, hooks, missing, fields })
    }

    /// Attaches what is wanted now and was not, and takes off what is not wanted any more.
    ///
    /// # Errors
    /// [`LoadError`] when the kernel's types or the programs' maps cannot be reached; a single hook that cannot be
    /// attached is only told in [`Sensor::hooks`].
    pub fn demand(&mut self, demand: &Demand) -> Result<(), LoadError> {
        let types = kernel_types()?;
        self.attach_wanted(demand, &types)?;
        drop(types);
        memory::give_back();
        Ok(())
    }

    fn attach_wanted(&mut self, demand: &Demand, types: &aya::Btf) -> Result<(), LoadError> {
        self.set_watch(demand.watch())?;
        let security = security_hooks_run();
        let mut hooks: Vec<HookState> = Vec::with_capacity(HOOKS.len());
        for hook in HOOKS {
            let better = hook.unless.filter(|name| is_attached(&hooks, name));
            let attachment = if !hook.kinds.iter().any(|kind| demand.wants(*kind)) {
                self.take_off(hook);
                Attachment::NotWanted
            } else if let Some(name) = better {
                self.take_off(hook);
                Attachment::Replaced(name)
            } else if let Some(reason) = self.obstacle(hook, security.as_ref().err()) {
                Attachment::Refused(reason)
            } else {
                self.put_on(hook, types)
            };
            hooks.push(HookState { hook: *hook, attachment });
        }
        self.hooks = hooks;
        let resolved = self.attached.iter().filter_map(|program| program.hook.resolves);
        let bits = resolved.fold(0, |bits, operation| bits | operation.bit());
        self.resolved.set(0, bits, 0).map_err(unusable("RESOLVED"))
    }

    /// Paths that do not fit into the map are no reason to miss any: then all files are told, and sorted out later.
    fn set_watch(&mut self, watch: &Watch) -> Result<(), LoadError> {
        if let Err(error) = self.watch.set(watch) {
            tracing::warn!(%error, "too many watched paths for the kernel's filter; every file is looked at");
            self.watch.set(&Watch::everything()).map_err(unusable("WATCH"))?;
        }
        Ok(())
    }

    /// Why a hook is not even tried.
    fn obstacle(&self, hook: &Hook, no_security: Option<&String>) -> Option<String> {
        if self.choice == HookChoice::Tracepoints && !hook.point.is_tracepoint() {
            return Some("only tracepoints were asked for".to_owned());
        }
        if let (Point::Security(_), Some(reason)) = (hook.point, no_security) {
            return Some(reason.clone());
        }
        let field = hook.needs?;
        let place = Offsets::TABLE.iter().position(|entry| entry.name == field)?;
        (self.fields.get(place) == Some(&ABSENT)).then(|| format!("this kernel has no {field}"))
    }

    fn put_on(&mut self, hook: &Hook, types: &aya::Btf) -> Attachment {
        if self.attached.iter().any(|program| program.hook.program == hook.program) {
            return Attachment::Attached;
        }
        match attach(&mut self.ebpf, hook, types) {
            Ok(program) => {
                self.attached.push(program);
                Attachment::Attached
            }
            Err(error) => Attachment::Refused(chain(&error)),
        }
    }

    fn take_off(&mut self, hook: &Hook) {
        let Some(place) = self.attached.iter().position(|program| program.hook.program == hook.program)
        else {
            return;
        };
        self.attached.remove(place);
        if let Err(error) = detach(&mut self.ebpf, hook) {
            tracing::warn!(hook = %hook.point, %error, "a hook cannot be taken off");
        }
    }

    /// Each hook, and what became of it.
    #[must_use]
    pub fn hooks(&self) -> &[HookState] {
        &self.hooks
    }

    /// Kernel fields that are not there.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The programs that see.
    pub(crate) fn attached(&self) -> &[AttachedProgram] {
        &self.attached
    }

    /// Goes over to reading.
    ///
    /// # Errors
    /// [`LoadError::Map`] when the object lacks a map.
    pub fn into_reader(mut self) -> Result<Reader, LoadError> {
        let ring = RingBuf::try_from(take_map(&mut self.ebpf, "EVENTS")?).map_err(unusable("EVENTS"))?;
        let counters =
            PerCpuArray::try_from(take_map(&mut self.ebpf, "COUNTERS")?).map_err(unusable("COUNTERS"))?;
        let floods = HashMap::try_from(take_map(&mut self.ebpf, "FLOODS")?).map_err(unusable("FLOODS"))?;
        let closed = Array::try_from(take_map(&mut self.ebpf, "CLOSED")?).map_err(unusable("CLOSED"))?;
        Ok(Reader::new(self, ring, counters, Floods::new(floods), closed))
    }
}

fn is_attached(hooks: &[HookState], program: &str) -> bool {
    hooks.iter().any(|state| state.hook.program == program && state.attachment == Attachment::Attached)
}

/// Security hooks can be attached on kernels that never call them: those that did not start with `lsm=…,bpf`.
fn security_hooks_run() -> Result<(), String> {
    match fs::read_to_string(SECURITY_MODULES) {
        Ok(list) if list.trim().split(',').any(|name| name == "bpf") => Ok(()),
        Ok(list) => {
            Err(format!("the kernel runs without BPF security hooks; boot with lsm={},bpf", list.trim()))
        }
        Err(error) => {
            Err(format!("whether BPF security hooks run is not known: {SECURITY_MODULES}: {error}"))
        }
    }
}

fn without_direct_reads(fields: &[u32]) -> Vec<u32> {
    let entries = Offsets::TABLE.iter().zip(fields);
    entries.map(|(entry, value)| if entry.name.starts_with("helper_") { ABSENT } else { *value }).collect()
}

fn kernel_types() -> Result<aya::Btf, LoadError> {
    aya::Btf::parse_file(VMLINUX, aya::Endianness::default())
        .map_err(|error| LoadError::Object(Box::new(error.into())))
}

fn take_map(ebpf: &mut Ebpf, name: &'static str) -> Result<Map, LoadError> {
    ebpf.take_map(name).ok_or(LoadError::Map { name, source: None })
}

fn unusable(name: &'static str) -> impl FnOnce(aya::maps::MapError) -> LoadError {
    move |source| LoadError::Map { name, source: Some(source) }
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
