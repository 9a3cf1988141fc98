//! Processes that make more records than the ring buffer has room for.

use crate::Kind;

/// Whose records, of which kind.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FloodKey {
    /// When the process began, nanoseconds since boot.
    pub start_ns: u64,
    /// The process.
    pub pid: u32,
    /// A [`Kind`] number.
    pub kind: u32,
}

impl FloodKey {
    /// Of a process.
    #[must_use]
    pub const fn new(pid: u32, start_ns: u64, kind: Kind) -> Self {
        Self { start_ns, pid, kind: kind as u32 }
    }
}

/// What became of its records since the ring buffer was half full for the first time.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flood {
    /// Began the second that is counted, nanoseconds since boot.
    pub second_ns: u64,
    /// Records sent in that second.
    pub sent: u64,
    /// Records that were only counted, here.
    pub summarised: u64,
}

/// Most processes, times kinds, whose floods are summarised at once. What more come lose their records without a name.
pub const FLOODS: u32 = 4096;

/// Records that a process may send in a second while the ring buffer is more than half full of bulk.
pub const FLOOD_SHARE: u64 = 1024;

const _: () = assert!(size_of::<FloodKey>() == 16 && size_of::<Flood>() == 24);
