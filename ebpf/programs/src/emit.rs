//! The one way out: every record is stamped, counted and sent here.

use aya_ebpf::helpers::{
    bpf_get_smp_processor_id, bpf_ktime_get_boot_ns,
    generated::{bpf_ringbuf_output, bpf_ringbuf_reserve, bpf_ringbuf_submit},
};
use rampart_abi::{Counters, Header, Kind, VERSION};

use crate::maps::{COUNTERS, EVENTS};

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
        bpf_ringbuf_submit(record.cast(), 0);
    }
}

/// Sends the `length` bytes that begin with `header`.
///
/// # Safety
/// `header` begins at least `length` readable bytes that the verifier knows of.
#[inline(always)]
pub(crate) unsafe fn variable(header: *mut Header, kind: Kind, length: u32, flags: u32) {
    let Some(counters) = COUNTERS.get_ptr_mut(kind as u32) else { return };
    // SAFETY: the counters are this CPU's own; `header` by the caller's promise.
    unsafe {
        (*counters).seen += 1;
        stamp(header, counters, kind, length, flags);
        let ring = (&raw const EVENTS).cast_mut().cast();
        if bpf_ringbuf_output(ring, header.cast(), u64::from(length), 0) < 0 {
            (*counters).lost += 1;
        }
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
