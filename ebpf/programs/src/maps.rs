//! Every map. Names and sizes are part of the contract with the loader, which resizes some of them.

use aya_ebpf::{
    macros::map,
    maps::{Array, HashMap, PerCpuArray, RingBuf},
};
use rampart_abi::{Counters, Kind};

use crate::{
    connect::{Attempt, Call as ConnectCall},
    mount::{Call as MountCall, Record as MountRecord},
    process::Record as ExecRecord,
};

/// All records, of all kinds. The loader sets its size.
#[map]
pub(crate) static EVENTS: RingBuf = RingBuf::with_byte_size(8 * 1024 * 1024, 0);

/// What was made and lost, by kind.
#[map]
pub(crate) static COUNTERS: PerCpuArray<Counters> = PerCpuArray::with_max_entries(Kind::ALL.len() as u32, 0);

/// Room to build an exec record in, by CPU: it is larger than a per-CPU map's value may be (32 KiB). The
/// loader sets the number of entries to the number of possible CPUs.
#[map]
pub(crate) static EXEC_ROOM: Array<ExecRecord> = Array::with_max_entries(1, 0);

/// Room to build a mount record in, by CPU.
#[map]
pub(crate) static MOUNT_ROOM: PerCpuArray<MountRecord> = PerCpuArray::with_max_entries(1, 0);

/// Calls of connect(2) that have not returned, by thread.
#[map]
pub(crate) static CONNECT_CALLS: HashMap<u64, ConnectCall> = HashMap::with_max_entries(8192, 0);

/// TCP handshakes under way, by the socket's address.
#[map]
pub(crate) static ATTEMPTS: HashMap<u64, Attempt> = HashMap::with_max_entries(16384, 0);

/// Calls of mount(2) that have not returned, by thread.
#[map]
pub(crate) static MOUNT_CALLS: HashMap<u64, MountCall> = HashMap::with_max_entries(1024, 0);
