//! The paths that file events are wanted for, as the programs look them up.

/// Longest name that is compared, in bytes; of a longer one only so much. What is let through by that is sorted out by
/// the daemon.
pub const WATCH_NAME_MAX: usize = 60;

/// [`WatchNode::wanted`]: opened for reading.
pub const WATCH_READ: u32 = 1;
/// [`WatchNode::wanted`]: everything that changes a file or its name.
pub const WATCH_MODIFY: u32 = 2;
/// [`WatchNode::wanted`]: made. What makes a file changes its name, too: it is wanted by this bit or by the one before.
pub const WATCH_CREATE: u32 = 4;

/// How many of these bits there are.
pub const WATCH_KINDS: u32 = 3;

/// Bits of the word that says how files are looked for: what is wanted (`WATCH_*`) whatever the path.
pub const WATCH_EVERYTHING_SHIFT: u32 = 0;
/// What is wanted of some names wherever they are.
pub const WATCH_NAMED_SHIFT: u32 = WATCH_EVERYTHING_SHIFT + WATCH_KINDS;
/// What is wanted of some paths.
pub const WATCH_BELOW_SHIFT: u32 = WATCH_NAMED_SHIFT + WATCH_KINDS;
/// The one bit behind them: a mode with the set-user-ID or set-group-ID bit is wanted whatever the path.
pub const WATCH_SET_UID: u32 = 1 << (WATCH_BELOW_SHIFT + WATCH_KINDS);

/// A name in a folder of the tree of wanted paths. Folder 0 is the root; folder `u32::MAX` is any at all.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WatchKey {
    /// Number of the folder.
    pub folder: u32,
    /// The name, padded with NULs.
    pub name: [u8; WATCH_NAME_MAX],
}

/// What a [`WatchKey`] leads to.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchNode {
    /// Its number as a folder; 0 when nothing below it is listed.
    pub folder: u32,
    /// `WATCH_*` for itself and all below.
    pub wanted: u32,
}

/// Which names may be listed at all, told by how they begin: a Bloom filter of one hash. It spares most names the
/// look-up.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchFilter {
    /// Bits.
    pub words: [u64; 64],
}

/// The filters, by their place in their map: of names wanted anywhere, and of names in the root folder.
pub const WATCH_FILTER_NAMED: u32 = 0;
/// See [`WATCH_FILTER_NAMED`].
pub const WATCH_FILTER_ROOT: u32 = 1;

impl WatchFilter {
    /// Word and bit of a name that begins with these 8 bytes, zeroes behind a shorter one.
    #[must_use]
    pub const fn place(head: u64) -> (usize, u64) {
        // Fibonacci hashing; the upper 12 bits of the product.
        let hash = head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
        ((hash >> 6) as usize & 63, 1 << (hash & 63))
    }
}

const _: () = assert!(WATCH_READ | WATCH_MODIFY | WATCH_CREATE == (1 << WATCH_KINDS) - 1);
const _: () = assert!(size_of::<WatchKey>() == 64 && size_of::<WatchNode>() == 8);
