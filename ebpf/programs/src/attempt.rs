//! TCP handshakes under way.
//!
//! One with this machine itself mostly ends where it began: on its CPU, before anything else begins there. It gets a place
//! of its CPU's, which costs a third of an entry in a hash map. What is still there when the next one comes, or when the
//! call returns, moves to the map of all others.

use aya_ebpf::helpers::generated::bpf_get_smp_processor_id;
use rampart_abi::{Kind, Task};

use crate::{
    emit,
    maps::{ATTEMPTS, NEWEST},
    task,
};

/// Most CPUs that are searched for the attempt of a socket. The verifier wants a bound; machines have fewer.
const CPUS: u32 = 1024;

/// A TCP handshake under way.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Attempt {
    pub(crate) task: Task,
    pub(crate) started_ns: u64,
    /// 1 when a record of it has been sent.
    pub(crate) reported: u64,
}

/// The newest of a CPU.
#[repr(C)]
pub(crate) struct Newest {
    /// The socket's address.
    sock: u64,
    /// The same once it is over or has moved. A word of its own: whoever ends it on another CPU touches nothing of the next.
    over: u64,
    /// The thread that began it.
    thread: u64,
    attempt: Attempt,
}

/// Keeps one of the running task that is likely to end at once.
#[inline(always)]
pub(crate) fn keep_briefly(sock: u64, started_ns: u64) {
    let Some(newest) = newest_here() else { return };
    // SAFETY: this CPU's own entry.
    unsafe {
        if is_open(newest) {
            keep((*newest).sock, &(*newest).attempt);
        }
        (&raw mut (*newest).sock).write_volatile(0);
        // Written where it belongs: on the stack first it would be copied twice.
        (*newest).attempt.task = task::of_current();
        (*newest).attempt.started_ns = started_ns;
        (*newest).attempt.reported = 0;
        (*newest).thread = task::current_thread();
        (*newest).over = 0;
        (&raw mut (*newest).sock).write_volatile(sock);
    }
}

/// Keeps one for as long as it takes. Where there is no room its outcome will not be told, and counts as lost.
#[inline(always)]
pub(crate) fn keep(sock: u64, attempt: &Attempt) {
    if ATTEMPTS.insert(sock, attempt, 0).is_err() {
        emit::lost(Kind::Connect);
    }
}

/// The attempt of a socket.
pub(crate) struct Found {
    attempt: *const Attempt,
    /// Where it is its CPU's newest.
    newest: *mut Newest,
}

/// Finds the attempt of a socket.
#[inline(always)]
pub(crate) fn find(sock: u64) -> Option<Found> {
    if let Some(newest) = newest_of(sock) {
        // SAFETY: an entry of the map. It is this socket's until it is over, unless another CPU moves it at this moment:
        // then what is told is true, too.
        return Some(Found { attempt: unsafe { &raw const (*newest).attempt }, newest });
    }
    ATTEMPTS.get_ptr(sock).map(|attempt| Found { attempt, newest: core::ptr::null_mut() })
}

impl Found {
    #[inline(always)]
    pub(crate) fn attempt(&self) -> &Attempt {
        // SAFETY: an entry of one of the maps; the socket is still this attempt's.
        unsafe { &*self.attempt }
    }

    /// It is over.
    #[inline(always)]
    pub(crate) fn forget(self, sock: u64) {
        if self.newest.is_null() {
            ATTEMPTS.remove(sock).unwrap_or_default();
        } else {
            // SAFETY: as in `find`.
            unsafe { (*self.newest).over = sock };
        }
    }
}

/// Keeps the attempt of a socket beyond the call that began it, and gives it to `tell` unless that was done.
#[inline(always)]
pub(crate) fn outlives_call(sock: u64, tell: impl FnOnce(&Attempt)) {
    if let Some(newest) = newest_of(sock) {
        // SAFETY: as in `end`.
        unsafe {
            keep(sock, &(*newest).attempt);
            (*newest).over = sock;
        }
    }
    let Some(attempt) = ATTEMPTS.get_ptr_mut(sock) else { return };
    // SAFETY: an entry of the map; at worst it is another socket's by now.
    unsafe {
        if (*attempt).reported == 0 {
            (*attempt).reported = 1;
            tell(&*attempt);
        }
    }
}

/// Whether this thread's call began the newest handshake of this CPU, told cheaply. When the thread has changed its CPU
/// since, the answer is no, and the socket is looked at.
#[inline(always)]
pub(crate) fn began_here() -> bool {
    let Some(newest) = newest_here() else { return false };
    // SAFETY: this CPU's own entry.
    unsafe {
        let began = (*newest).thread == task::current_thread();
        (*newest).thread = 0;
        began
    }
}

#[inline(always)]
fn newest_here() -> Option<*mut Newest> {
    // SAFETY: the helper has no conditions.
    NEWEST.get_ptr_mut(unsafe { bpf_get_smp_processor_id() })
}

#[inline(always)]
unsafe fn is_open(newest: *const Newest) -> bool {
    // SAFETY: by the caller's promise.
    unsafe { (*newest).sock != 0 && (*newest).over != (*newest).sock }
}

#[inline(always)]
unsafe fn is_of(newest: *const Newest, sock: u64) -> bool {
    // SAFETY: by the caller's promise.
    unsafe { (*newest).sock == sock && (*newest).over != sock }
}

/// The place of a socket's attempt, on this CPU or, where its answer comes on another one, there.
#[inline(always)]
fn newest_of(sock: u64) -> Option<*mut Newest> {
    let here = newest_here()?;
    // SAFETY: entries of the map.
    unsafe {
        if is_of(here, sock) {
            return Some(here);
        }
        if ATTEMPTS.get_ptr(sock).is_some() {
            return None;
        }
        for cpu in 0..CPUS {
            let newest = NEWEST.get_ptr_mut(cpu)?;
            if is_of(newest, sock) {
                return Some(newest);
            }
        }
    }
    None
}
