use std::io;

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
