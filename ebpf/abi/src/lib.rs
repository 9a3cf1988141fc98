//! Wire format between the eBPF programs and the daemon: every record in the ring buffer, the counters
//! beside it, and the table of kernel fields that the programs read.
//!
//! Records are `repr(C)` integers and byte arrays with explicit padding, in the machine's byte order: both
//! sides run on the same machine and are built from the same commit. A record is a fixed part that begins
//! with [`Header`], then, for some kinds, a variable part whose pieces the fixed part measures.

#![no_std]
#![forbid(unsafe_code)]

mod call;
mod connect;
mod exec;
mod exit;
mod flood;
mod fork;
mod header;
mod offsets;
mod watch;

pub use call::{
    CALL_PIECES, CALL_VALUES, Call, ORIGIN_IO_URING, ORIGIN_RESOLVED, ORIGIN_UNFINISHED, Operation,
    PENDING_PER_CPU, SocketValues,
};
pub use connect::{CONNECT_ABORTED, CONNECT_FAILED, CONNECT_IN_PROGRESS, CONNECT_SUCCESS, Connect};
pub use exec::{EXEC_DELETED, EXEC_MEMFD, EXEC_UPPER_LAYER, Exec};
pub use exit::Exit;
pub use flood::{FLOOD_SHARE, FLOODS, Flood, FloodKey};
pub use fork::Fork;
pub use header::{FLAG_ARGS_TRUNCATED, FLAG_PATH_TRUNCATED, Header, Lineage, Namespaces, Task};
pub use offsets::{ABSENT, Absence, KernelField, Offsets, What};
pub use watch::{
    WATCH_BELOW_SHIFT, WATCH_CREATE, WATCH_EVERYTHING_SHIFT, WATCH_FILTER_NAMED, WATCH_FILTER_ROOT,
    WATCH_KINDS, WATCH_MODIFY, WATCH_NAME_MAX, WATCH_NAMED_SHIFT, WATCH_READ, WATCH_SET_UID, WatchFilter,
    WatchKey, WatchNode,
};

/// Version of this format; a record with another one is not decoded.
pub const VERSION: u16 = 3;

/// Longest argument block that is captured, in bytes, less one.
pub const ARGS_MASK: u32 = 0x7fff;

/// Longest run of path names (program, directory and cgroup together) in a record, in bytes, less one.
pub const NAMES_MASK: u32 = 0x3fff;

/// Longest single path component, with its NUL.
pub const NAME_MAX: u32 = 256;

/// Longest path that is read from a caller's memory, with its NUL (PATH_MAX).
pub const PATH_MAX: u32 = 4096;

/// Derives and size assertions of a wire structure.
macro_rules! wire {
    ($(#[$meta:meta])* pub struct $name:ident [$size:literal] { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        #[cfg_attr(feature = "decode", derive(
            zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::KnownLayout, zerocopy::Immutable
        ))]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        const _: () = assert!(size_of::<$name>() == $size, "the wire size is part of the format");
        const _: () = assert!(align_of::<$name>() <= 8, "ring buffer records are aligned to 8 bytes");
        // No implicit padding: the fields fill the structure.
        const _: () = assert!(0 $(+ size_of::<$type>())* == size_of::<$name>(), "implicit padding");
    };
}
pub(crate) use wire;

macro_rules! kinds {
    ($($index:literal $kind:ident $name:literal $record:ty;)*) => {
        /// What a record is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Kind { $(#[doc = $name] $kind = $index,)* }

        impl Kind {
            /// Every kind, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The kind of that number.
            #[must_use]
            pub const fn from_wire(number: u16) -> Option<Self> {
                match number { $($index => Some(Self::$kind),)* _ => None }
            }

            /// The name, as on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// Whether records of this kind may fill the ring buffer only so far, so that there is room left for
            /// the others: they come in storms, and one of them tells less than one of the others.
            #[must_use]
            pub const fn is_bulk(self) -> bool {
                matches!(self, Self::Connect | Self::ExecFailed | Self::Socket | Self::File | Self::Signal | Self::IoUring)
            }

            /// Size of the fixed part, in bytes.
            #[must_use]
            pub const fn fixed_size(self) -> usize {
                match self { $(Self::$kind => size_of::<$record>(),)* }
            }
        }
    };
}

// The table of events: number, name, name on the command line, fixed part.
kinds! {
    0 Exec "exec" Exec;
    1 Fork "fork" Fork;
    2 Exit "exit" Exit;
    3 Connect "connect" Connect;
    4 Mount "mount" Call;
    5 ExecFailed "exec_failed" Call;
    6 Socket "socket" Call;
    7 Namespace "namespace" Call;
    8 File "file" Call;
    9 Descriptor "descriptor" Call;
    10 Access "access" Call;
    11 Memfd "memfd" Call;
    12 Module "module" Call;
    13 Bpf "bpf" Call;
    14 Credentials "credentials" Call;
    15 Signal "signal" Call;
    16 IoUring "io_uring" Call;
}

wire! {
    /// Counters of one kind on one CPU.
    pub struct Counters [24] {
        /// Records that were made.
        pub seen: u64,
        /// Records that found no room in the ring buffer.
        pub lost: u64,
        /// Records that were only counted, in the [`Flood`] of their process.
        pub summarised: u64,
    }
}
