//! The one way out: every record is stamped, counted and sent here.

use aya_ebpf::{
    bindings::{BPF_RB_AVAIL_DATA, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP},
    helpers::{
        bpf_get_smp_processor_id, bpf_ktime_get_boot_ns,
        generated::{bpf_ringbuf_output, bpf_ringbuf_reserve, bpf_ringbuf_submit},
    },
};
use rampart_abi::{Counters, Header, Kind, VERSION};

use crate::maps::{COUNTERS, EVENTS};

/// Bytes in the ring buffer that are worth waking the reader for.
const GATHERED: u64 = 64 * 1024;

/// How many records of a kind go by between looks at how much has gathered.
const WAKE_EVERY: u64 = 32;

/// Sends a record of fixed size, which `fill` writes where it will lie in the ring buffer. `fill` must write
/// every field but the header: what lay there before would go out otherwise.
#[inline(always)]
pub(crate) fn fixed<T>(kind: Kind, fill: impl FnOnce(*mut T)) {
    let Some(counters) = COUNTERS.get_ptr_mut(kind as u32) else { return };
    let length = size_of::<T>() as u32;
    // SAFETY: the counters are this CPU's own; the reservation has the record's size.
    unsafe {
        (*counters).seen += 1;
        let ring = (&raw const EVENTS).cast_mut().cast();
        let record = bpf_ringbuf_reserve(ring, u64::from(length), 0).cast::<T>();
        if record.is_null() {
            (*counters).lost += 1;
            return;
        }
        stamp(record.cast(), counters, kind, length, 0);
        fill(record);
        bpf_ringbuf_submit(record.cast(), wakeup(kind, (*counters).seen));
    }
}

/// Sends the `length` bytes that begin with `header`.
///
/// # Safety
/// `header` begins at least `length` readable bytes that the verifier knows of.
#[inline(always)]
pub(crate) unsafe fn variable(header: *mut Header, kind: Kind, length: u64, flags: u32) {
    let Some(counters) = COUNTERS.get_ptr_mut(kind as u32) else { return };
    // SAFETY: the counters are this CPU's own; `header` by the caller's promise.
    unsafe {
        (*counters).seen += 1;
        stamp(header, counters, kind, length as u32, flags);
        let ring = (&raw const EVENTS).cast_mut().cast();
        if bpf_ringbuf_output(ring, header.cast(), length, wakeup(kind, (*counters).seen)) < 0 {
            (*counters).lost += 1;
        }
    }
}

/// Counts a record that could not even be begun.
#[inline(always)]
pub(crate) fn lost(kind: Kind) {
    if let Some(counters) = COUNTERS.get_ptr_mut(kind as u32) {
        // SAFETY: this CPU's own counters.
        unsafe {
            (*counters).seen += 1;
            (*counters).lost += 1;
        }
    }
}

/// Whether the reader is woken for a record. Waking costs several times what making the record costs, and the
/// reader looks by itself every few milliseconds. So it is woken for what is rare and should be known at once, if
/// it has nothing else to read; for the rest, now and then once a fair amount has gathered.
#[inline(always)]
fn wakeup(kind: Kind, sequence: u64) -> u64 {
    if matches!(kind, Kind::Exec | Kind::Mount) {
        return 0;
    }
    if sequence.is_multiple_of(WAKE_EVERY) && EVENTS.query(u64::from(BPF_RB_AVAIL_DATA)) > GATHERED {
        u64::from(BPF_RB_FORCE_WAKEUP)
    } else {
        u64::from(BPF_RB_NO_WAKEUP)
    }
}

#[inline(always)]
unsafe fn stamp(header: *mut Header, counters: *const Counters, kind: Kind, length: u32, flags: u32) {
    // SAFETY: both point to what `fixed` and `variable` have checked.
    unsafe {
        header.write(Header {
            kind: kind as u16,
            version: VERSION,
            length,
            cpu: bpf_get_smp_processor_id(),
            flags,
            sequence: (*counters).seen,
            time_ns: bpf_ktime_get_boot_ns(),
        });
    }
}
