use std::{fs, io, path::Path};

use rustix::{
    thread::CapabilitySet,
    time::{ClockId, clock_gettime},
};

use crate::{
    Demand, HookState, LoadError, Missing, Sensor, SensorConfig,
    btf::{MAX_SIZE, VMLINUX},
};

/// File systems that the kernel tells of itself in: type, where they belong, and what is there once they are mounted.
const TOLD_BY_THE_KERNEL: [(&str, &str, &str); 2] =
    [("tracefs", "/sys/kernel/tracing", "events"), ("securityfs", "/sys/kernel/security", "lsm")];

/// A capability that the sensor uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// Such as `CAP_BPF`.
    pub name: &'static str,
    /// What for.
    pub purpose: &'static str,
    /// Nothing works without it.
    pub required: bool,
    /// Whether this process has it. CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON.
    pub held: bool,
}

/// What this kernel offers.
#[derive(Debug)]
pub struct Probe {
    /// uname -r.
    pub release: String,
    /// uname -m.
    pub machine: String,
    /// Size of the kernel's type information in bytes, or why it cannot be read.
    pub btf: Result<u64, String>,
    /// Capabilities used, and whether they are held.
    pub capabilities: Vec<Capability>,
    /// Each hook: attached for the time of the probe, or why not.
    pub hooks: Vec<HookState>,
    /// Kernel fields that are not there.
    pub missing: Vec<Missing>,
    /// Why the sensor would not start.
    pub error: Option<LoadError>,
}

/// Tries everything that `rampart run` would do with the kernel, and undoes it.
#[must_use]
pub fn probe(config: SensorConfig) -> Probe {
    let uname = rustix::system::uname();
    let (hooks, missing, error) = match Sensor::load(config, &Demand::everything()) {
        Ok(sensor) => (sensor.hooks().to_vec(), sensor.missing().to_vec(), None),
        Err(error) => (Vec::new(), Vec::new(), Some(error)),
    };
    Probe {
        release: uname.release().to_string_lossy().into_owned(),
        machine: uname.machine().to_string_lossy().into_owned(),
        btf: fs::metadata(VMLINUX).map(|found| found.len()).map_err(|error| error.to_string()),
        capabilities: capabilities(),
        hooks,
        missing,
        error,
    }
}

/// The capabilities that the sensor uses.
pub(crate) fn capabilities() -> Vec<Capability> {
    let held = rustix::thread::capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    let admin = held.contains(CapabilitySet::SYS_ADMIN);
    let row = |name, flag, required, or_admin, purpose| Capability {
        name,
        purpose,
        required,
        held: held.contains(flag) || (or_admin && admin),
    };
    vec![
        row("CAP_BPF", CapabilitySet::BPF, true, true, "load eBPF programs"),
        row("CAP_PERFMON", CapabilitySet::PERFMON, true, true, "attach them to tracepoints"),
        row("CAP_SYS_PTRACE", CapabilitySet::SYS_PTRACE, false, false, "read other processes in /proc"),
        row(
            "CAP_DAC_READ_SEARCH",
            CapabilitySet::DAC_READ_SEARCH,
            false,
            false,
            "read tracefs and other users' files",
        ),
    ]
}

/// Refuses to go on without what nothing works without.
///
/// # Errors
/// [`LoadError::NotPermitted`] names what is missing.
pub fn require_capabilities() -> Result<(), LoadError> {
    let missing: Vec<_> =
        capabilities().into_iter().filter(|row| row.required && !row.held).map(|row| row.name).collect();
    if missing.is_empty() { Ok(()) } else { Err(LoadError::NotPermitted(missing)) }
}

/// Refuses kernels below the floor, as far as their name tells.
pub(crate) fn require_release() -> Result<(), LoadError> {
    let uname = rustix::system::uname();
    let release = uname.release().to_string_lossy();
    if is_too_old(&release) {
        return Err(LoadError::TooOld { release: release.into_owned() });
    }
    Ok(())
}

/// The ring buffer came with 5.8. A release that is not understood is given a chance.
fn is_too_old(release: &str) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < (5, 8),
        _ => false,
    }
}

/// The kernel's type information.
pub(crate) fn read_btf() -> Result<Vec<u8>, LoadError> {
    let size = fs::metadata(VMLINUX).map_err(|source| LoadError::NoBtf { source })?.len();
    if size > MAX_SIZE {
        let source = io::Error::new(io::ErrorKind::FileTooLarge, format!("{size} bytes are not believable"));
        return Err(LoadError::NoBtf { source });
    }
    fs::read(VMLINUX).map_err(|source| LoadError::NoBtf { source })
}

/// Mounts what is needed to find the hooks where it belongs, if nobody has: minimal systems and containers leave it
/// out. A failure shows as hooks that cannot be attached.
pub(crate) fn mount_what_the_kernel_tells() {
    for (kind, path, content) in TOLD_BY_THE_KERNEL {
        if Path::new(path).join(content).exists() {
            continue;
        }
        match rustix::mount::mount(kind, path, kind, rustix::mount::MountFlags::empty(), None) {
            Ok(()) => tracing::info!(path, "mounted {kind}"),
            Err(error) => tracing::warn!(path, %error, "{kind} cannot be mounted"),
        }
    }
}

/// Nanoseconds to add to a time since boot to get the time since 1970. It changes when the clock is set.
#[must_use]
pub fn boot_to_wall_nanos() -> i128 {
    nanos(ClockId::Realtime) - nanos(ClockId::Boottime)
}

/// Nanoseconds since 1970, now.
#[must_use]
pub fn wall_nanos() -> i128 {
    nanos(ClockId::Realtime)
}

fn nanos(clock: ClockId) -> i128 {
    let time = clock_gettime(clock);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

/// The kernel's id of this boot.
///
/// # Errors
/// When /proc is not there.
pub fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_too_old;

    #[test]
    fn the_floor_is_5_8() {
        for (release, too_old) in [
            ("4.19.0-26-amd64", true),
            ("5.7.19", true),
            ("5.8.0", false),
            ("5.10.223", false),
            ("6.18.44-fc-v669", false),
            ("10.0", false),
            ("next", false),
        ] {
            assert_eq!(is_too_old(release), too_old, "{release}");
        }
    }
}
