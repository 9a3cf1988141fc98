//! The one way out: every record is stamped, counted and sent here.

use aya_ebpf::{
    bindings::{BPF_RB_AVAIL_DATA, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP},
    helpers::{
        bpf_get_smp_processor_id, bpf_ktime_get_boot_ns,
        generated::{bpf_ringbuf_output, bpf_ringbuf_reserve, bpf_ringbuf_submit},
    },
};
use rampart_abi::{Counters, FloodKey, Header, Kind, VERSION};

use crate::{
    flood::{self, Admission},
    maps::{CLOSED, COUNTERS, EVENTS},
    task,
};

/// How much of the ring buffer records that come in storms may fill: the rest is for what must not be lost. Set by the
/// loader, which knows the size.
#[unsafe(no_mangle)]
static BULK_BYTES: u64 = 0;

#[inline(always)]
fn bulk_bytes() -> u64 {
    // SAFETY: a static is readable. Volatile, because the compiler must not believe in the value that the object holds.
    unsafe { core::ptr::read_volatile(&raw const BULK_BYTES) }
}

/// Bytes in the ring buffer that are worth waking the reader for.
const GATHERED: u64 = 64 * 1024;

/// How many records of a kind go by between looks at how much has gathered.
const WAKE_EVERY: u64 = 32;

/// Who is behind a record: process id and beginning.
pub(crate) type Owner = (u32, u64);

/// Sends a record of fixed size, which `fill` writes where it will lie in the ring buffer. `fill` must write
/// every field but the header: what lay there before would go out otherwise.
#[inline(always)]
pub(crate) fn fixed<T>(kind: Kind, fill: impl FnOnce(*mut T)) {
    // SAFETY: the helper has no conditions.
    fixed_at(kind, unsafe { bpf_ktime_get_boot_ns() }, current_owner, fill);
}

/// The same for a time that is known already (asking for it costs as much as ten fields), and for an owner who need not be
/// running.
#[inline(always)]
pub(crate) fn fixed_at<T>(
    kind: Kind,
    time_ns: u64,
    owner: impl FnOnce() -> Owner,
    fill: impl FnOnce(*mut T),
) {
    let Some(counters) = counters(kind) else { return };
    let length = size_of::<T>() as u32;
    // SAFETY: the counters are this CPU's own; the reservation has the record's size.
    unsafe {
        (*counters).seen += 1;
        if !admit(kind, counters, owner, time_ns) {
            return;
        }
        let ring = (&raw const EVENTS).cast_mut().cast();
        let record = bpf_ringbuf_reserve(ring, u64::from(length), 0).cast::<T>();
        if record.is_null() {
            (*counters).lost += 1;
            return;
        }
        stamp(record.cast(), counters, kind, length, 0, time_ns);
        fill(record);
        bpf_ringbuf_submit(record.cast(), wakeup(kind, (*counters).seen));
    }
}

/// Sends the `length` bytes that begin with `header`; `longest` is a constant that they never exceed.
///
/// # Safety
/// `header` begins at least `longest` readable bytes that the verifier knows of.
#[inline(always)]
pub(crate) unsafe fn variable(header: *mut Header, kind: Kind, length: u64, longest: u64, flags: u32) {
    let Some(counters) = counters(kind) else { return };
    // SAFETY: the counters are this CPU's own; `header` by the caller's promise.
    unsafe {
        (*counters).seen += 1;
        let time_ns = bpf_ktime_get_boot_ns();
        if !admit(kind, counters, current_owner, time_ns) {
            return;
        }
        stamp(header, counters, kind, length as u32, flags, time_ns);
        let ring = (&raw const EVENTS).cast_mut().cast();
        let wakeup = wakeup(kind, (*counters).seen);
        // Verifiers before Linux 5.12 do not know the bounds of a number any more that was shortened, or kept on the stack
        // over a call. So it is compared where it is used, hidden from the compiler, which would see that nothing can
        // come of it.
        let length = core::hint::black_box(length);
        if length > longest || bpf_ringbuf_output(ring, header.cast(), length, wakeup) < 0 {
            (*counters).lost += 1;
        }
    }
}

/// Counts a record that could not even be begun.
#[inline(always)]
pub(crate) fn lost(kind: Kind) {
    if let Some(counters) = counters(kind) {
        // SAFETY: this CPU's own counters.
        unsafe {
            (*counters).seen += 1;
            (*counters).lost += 1;
        }
    }
}

/// This CPU's counters of a kind; none when nobody reads any more, and nothing is to be sent or counted.
#[inline(always)]
fn counters(kind: Kind) -> Option<*mut Counters> {
    let closed = CLOSED.get(0).is_none_or(|closed| *closed != 0);
    if closed { None } else { COUNTERS.get_ptr_mut(kind as u32) }
}

#[inline(always)]
fn current_owner() -> Owner {
    ((task::current_thread() >> 32) as u32, task::start_of(task::current()))
}

/// Whether the ring buffer takes a record; counts it if not.
///
/// What comes in storms may fill a part of the ring buffer only. From half of that part on each process has a share, and
/// what it makes beyond is summarised: so one that floods neither takes the room of the others nor is sampled in silence.
#[inline(always)]
unsafe fn admit(kind: Kind, counters: *mut Counters, owner: impl FnOnce() -> Owner, now_ns: u64) -> bool {
    if !kind.is_bulk() {
        return true;
    }
    let (filled, room) = (EVENTS.query(u64::from(BPF_RB_AVAIL_DATA)), bulk_bytes());
    if filled <= room / 2 {
        return true;
    }
    let (pid, start_ns) = owner();
    // SAFETY: this CPU's own counters, by the caller's promise.
    unsafe {
        match flood::admit(&FloodKey::new(pid, start_ns, kind), now_ns, filled > room) {
            Admission::Sent => return true,
            Admission::Summarised => (*counters).summarised += 1,
            Admission::Lost => (*counters).lost += 1,
        }
    }
    false
}

/// Whether the reader is woken for a record. Waking costs several times what making the record costs, and the
/// reader looks by itself every few milliseconds. So it is woken for what is rare and should be known at once, if
/// it has nothing else to read; for the rest, now and then once a fair amount has gathered.
#[inline(always)]
fn wakeup(kind: Kind, sequence: u64) -> u64 {
    if !kind.is_bulk() && !matches!(kind, Kind::Fork | Kind::Exit) {
        return 0;
    }
    if sequence.is_multiple_of(WAKE_EVERY) && EVENTS.query(u64::from(BPF_RB_AVAIL_DATA)) > GATHERED {
        u64::from(BPF_RB_FORCE_WAKEUP)
    } else {
        u64::from(BPF_RB_NO_WAKEUP)
    }
}

#[inline(always)]
unsafe fn stamp(
    header: *mut Header,
    counters: *const Counters,
    kind: Kind,
    length: u32,
    flags: u32,
    time_ns: u64,
) {
    // SAFETY: both point to what `fixed` and `variable` have checked.
    unsafe {
        header.write(Header {
            kind: kind as u16,
            version: VERSION,
            length,
            cpu: bpf_get_smp_processor_id(),
            flags,
            sequence: (*counters).seen,
            time_ns,
        });
    }
}
