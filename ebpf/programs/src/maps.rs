//! Every map. Names and sizes are part of the contract with the loader, which resizes some of them.

use aya_ebpf::{
    macros::map,
    maps::{Array, HashMap, LruHashMap, PerCpuArray, RingBuf},
};
use rampart_abi::{Counters, FLOODS as FLOODS_MAX, Flood, FloodKey, Kind, WatchFilter, WatchKey, WatchNode};

use crate::{
    attempt::{Attempt, Newest},
    call::{Record as CallRecord, Room},
    credentials::Identity,
    pending::Slot,
    process::Record as ExecRecord,
    watch::Walk,
};

/// All records, of all kinds. The loader sets its size.
#[map]
pub(crate) static EVENTS: RingBuf = RingBuf::with_byte_size(8 * 1024 * 1024, 0);

/// Not 0 when the reader has ended: detaching the programs takes the kernel its time, and until then they are silent.
#[map]
pub(crate) static CLOSED: Array<u32> = Array::with_max_entries(1, 0);

/// What was made and lost, by kind.
#[map]
pub(crate) static COUNTERS: PerCpuArray<Counters> = PerCpuArray::with_max_entries(Kind::ALL.len() as u32, 0);

/// What is summarised, by process and kind.
#[map]
pub(crate) static FLOODS: HashMap<FloodKey, Flood> = HashMap::with_max_entries(FLOODS_MAX, 0);

/// Room to build an exec record in, by CPU: it is larger than a per-CPU map's value may be (32 KiB). The
/// loader sets the number of entries to the number of possible CPUs.
#[map]
pub(crate) static EXEC_ROOM: Array<ExecRecord> = Array::with_max_entries(1, 0);

/// Rooms to build records of calls in, by CPU.
#[map]
pub(crate) static CALL_ROOM: PerCpuArray<CallRecord> = PerCpuArray::with_max_entries(Room::COUNT, 0);

/// The newest TCP handshake to this machine itself, by the CPU on which it began. The loader sets the number of entries to
/// the number of possible CPUs.
#[map]
pub(crate) static NEWEST: Array<Newest> = Array::with_max_entries(1, 0);

/// The other TCP handshakes under way, by the socket's address.
#[map]
pub(crate) static ATTEMPTS: HashMap<u64, Attempt> = HashMap::with_max_entries(16384, 0);

/// Identities as they were when a call that changes them began, by thread.
#[map]
pub(crate) static CREDENTIALS_BEFORE: HashMap<u64, Identity> = HashMap::with_max_entries(1024, 0);

/// Calls that a security hook has seen and that have not returned: number of the slot, by thread.
#[map]
pub(crate) static PENDING: LruHashMap<u64, u32> = LruHashMap::with_max_entries(1024, 0);

/// Records of them. The loader sets the number of entries by the number of possible CPUs.
#[map]
pub(crate) static PENDING_SLOTS: Array<Slot> = Array::with_max_entries(1, 0);

/// Counts the slots that were given out, by CPU.
#[map]
pub(crate) static PENDING_NEXT: PerCpuArray<u32> = PerCpuArray::with_max_entries(1, 0);

/// One bit for each [`rampart_abi::Operation`] that a security hook sees too. The loader sets it.
#[map]
pub(crate) static RESOLVED: Array<u64> = Array::with_max_entries(1, 0);

/// The tree of wanted paths. The loader fills it.
#[map]
pub(crate) static WATCH: HashMap<WatchKey, WatchNode> = HashMap::with_max_entries(16384, 0);

/// How files are looked for, as bits at `WATCH_*_SHIFT`. The loader sets it.
#[map]
pub(crate) static WATCH_MODES: Array<u32> = Array::with_max_entries(1, 0);

/// Which names may be in the tree at all. The loader fills it.
#[map]
pub(crate) static WATCH_FILTERS: Array<WatchFilter> = Array::with_max_entries(2, 0);

/// Room to look up a path in, by CPU.
#[map]
pub(crate) static WATCH_ROOM: PerCpuArray<Walk> = PerCpuArray::with_max_entries(1, 0);
