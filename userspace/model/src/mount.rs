mod flags;

use crate::names::{Names, joined};

/// Something done with mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What was done.
    pub operation: MountOperation,
    /// What is mounted, as an absolute path where it is a path. Of pivot_root(2) the new root.
    pub source: Box<str>,
    /// Where, as the caller sees it. Of pivot_root(2) where the old root goes.
    pub target: Box<str>,
    /// File-system type; empty for binds, remounts and what has none.
    pub fs_type: Box<str>,
}

/// What was done with mounts, with the flags that go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MountOperation {
    /// mount(2), `MS_*`.
    Mount(u64),
    /// umount2(2), `MNT_*`.
    Unmount(u64),
    /// move_mount(2) of a mount that was made by fsmount(2) or open_tree(2).
    Attach {
        /// The kernel's own `MNT_*` flags of it.
        flags: u64,
        /// It shows not the whole file system, but a part of it that can be seen elsewhere.
        bind: bool,
    },
    /// move_mount(2) of a mount from one place to another, or one that failed.
    Move,
    /// fsmount(2), `MOUNT_ATTR_*`.
    FsMount(u64),
    /// fsopen(2).
    FsOpen,
    /// open_tree(2), `OPEN_TREE_*` and `AT_*`.
    OpenTree(u64),
    /// mount_setattr(2).
    SetAttributes {
        /// `MOUNT_ATTR_*` that were set.
        set: u64,
        /// Those that were cleared.
        cleared: u64,
        /// On everything below, too.
        recursive: bool,
    },
    /// pivot_root(2).
    PivotRoot,
}

impl MountOperation {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Mount(_) => "mount",
            Self::Unmount(_) => "umount",
            Self::Attach { .. } | Self::Move => "move_mount",
            Self::FsMount(_) => "fsmount",
            Self::FsOpen => "fsopen",
            Self::OpenTree(_) => "open_tree",
            Self::SetAttributes { .. } => "mount_setattr",
            Self::PivotRoot => "pivot_root",
        }
    }

    /// The flags by name, joined with commas, as mount(8) would print them.
    #[must_use]
    pub fn flag_names(self) -> Names {
        match self {
            Self::Mount(bits) => joined(flags::MOUNT, flags::without_magic(bits)),
            Self::Unmount(bits) => joined(flags::UNMOUNT, bits),
            Self::Attach { flags: bits, bind } => joined(flags::ATTACHED, bits).and_if(bind, "bind"),
            Self::Move => Names::one("move"),
            Self::FsMount(bits) => joined(flags::ATTRIBUTES, bits),
            Self::OpenTree(bits) => joined(flags::OPEN_TREE, bits),
            Self::SetAttributes { set, cleared, recursive } => joined(flags::ATTRIBUTES, set)
                .and(flags::CLEARED_ATTRIBUTES, cleared)
                .and_if(recursive, "rec"),
            Self::FsOpen | Self::PivotRoot => Names::default(),
        }
    }
}
