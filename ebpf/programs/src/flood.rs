//! Shares of a ring buffer that fills up, and what is said of those who want more.

use core::arch::asm;

use rampart_abi::{FLOOD_SHARE, Flood, FloodKey};

use crate::maps::FLOODS;

const SECOND_NS: u64 = 1_000_000_000;

/// `BPF_NOEXIST`: another CPU may have been faster.
const IF_ABSENT: u64 = 1;

/// What becomes of a record.
pub(crate) enum Admission {
    /// It has its place.
    Sent,
    /// It counts in its process's sum.
    Summarised,
    /// There are too many floods to keep a sum of this one.
    Lost,
}

/// Decides on a record of a process while the ring buffer fills up, or is full.
#[inline(always)]
pub(crate) fn admit(key: &FloodKey, now_ns: u64, is_full: bool) -> Admission {
    let Some(flood) = entry(key) else {
        return if is_full { Admission::Lost } else { Admission::Sent };
    };
    // SAFETY: an entry of the map. Two CPUs may both begin a second: then the process sends a few more. What is
    // summarised is counted by an atomic instruction, and exact.
    unsafe {
        if now_ns.wrapping_sub((*flood).second_ns) > SECOND_NS {
            (*flood).second_ns = now_ns;
            (*flood).sent = 0;
        }
        if !is_full && (*flood).sent < FLOOD_SHARE {
            (*flood).sent += 1;
            return Admission::Sent;
        }
        add_one(&raw mut (*flood).summarised);
    }
    Admission::Summarised
}

/// An atomic addition, which every kernel has. The compiler's own wants more of the target: compare and exchange.
///
/// # Safety
/// `count` can be written to.
#[inline(always)]
unsafe fn add_one(count: *mut u64) {
    // SAFETY: by the caller's promise.
    unsafe { asm!("lock *(u64 *)({count} + 0) += {one}", count = in(reg) count, one = in(reg) 1_u64) };
}

#[inline(always)]
fn entry(key: &FloodKey) -> Option<*mut Flood> {
    if let Some(flood) = FLOODS.get_ptr_mut(key) {
        return Some(flood);
    }
    FLOODS.insert(key, Flood::default(), IF_ABSENT).unwrap_or_default();
    FLOODS.get_ptr_mut(key)
}
