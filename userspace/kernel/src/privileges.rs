use std::{fs, io};

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs},
};

/// What the agent goes on needing: the counters are asked for by bpf(2), hooks may be attached later, and unknown
/// processes are looked up.
const NEEDED: CapabilitySet = CapabilitySet::BPF
    .union(CapabilitySet::PERFMON)
    .union(CapabilitySet::SYS_PTRACE)
    .union(CapabilitySet::DAC_READ_SEARCH);

/// Gives up every capability but those that are still needed, and the way back to them by executing something; and keeps
/// the memory, with what was captured in it, out of core dumps.
///
/// Capabilities belong to threads: to be called after [`crate::Sensor::load`] and before there is a second thread.
///
/// # Errors
/// When the kernel refuses.
pub fn drop_privileges() -> io::Result<()> {
    set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let kept = capabilities(None)?.permitted & NEEDED;
    set_capabilities(
        None,
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() },
    )?;
    Ok(())
}

/// Keeps every descriptor but the first three from whatever this process executes: those that it has inherited itself.
///
/// # Errors
/// When the kernel refuses, and /proc does not tell which there are.
pub fn close_inherited_on_exec() -> io::Result<()> {
    const FIRST: u32 = 3;
    // SAFETY: it sets a flag of descriptors, and closes none.
    let done = unsafe { libc::syscall(libc::SYS_close_range, FIRST, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if done == 0 {
        return Ok(());
    }
    // Linux before 5.11 does not know the flag, and before 5.9 not the call.
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        let Some(descriptor) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        if descriptor >= FIRST.cast_signed() {
            // SAFETY: as above; a descriptor that is closed meanwhile, as that of the folder, gives an error.
            unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}
