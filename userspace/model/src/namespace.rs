use crate::names::{Flags, Names, joined};

/// Other namespaces or another root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamespaceChange {
    /// setns(2): into those of a descriptor.
    Setns(NamespaceTypes),
    /// unshare(2): into new ones.
    Unshare(NamespaceTypes),
    /// clone(2): a child in new ones.
    Clone(NamespaceTypes),
    /// chroot(2): another root directory, this one.
    Chroot(Box<str>),
}

/// Kinds of namespaces: `CLONE_NEW*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NamespaceTypes(pub u64);

/// include/uapi/linux/sched.h
const TYPES: &Flags = &[
    (0x0002_0000, "mnt"),
    (0x2000_0000, "pid"),
    (0x4000_0000, "net"),
    (0x0400_0000, "uts"),
    (0x0800_0000, "ipc"),
    (0x0200_0000, "cgroup"),
    (0x1000_0000, "user"),
    (0x0000_0080, "time"),
];

impl NamespaceTypes {
    /// The value of the field `namespace.types`.
    #[must_use]
    pub const fn names(self) -> Names {
        joined(TYPES, self.0)
    }
}

impl NamespaceChange {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Setns(_) => "setns",
            Self::Unshare(_) => "unshare",
            Self::Clone(_) => "clone",
            Self::Chroot(_) => "chroot",
        }
    }

    /// Which kinds.
    #[must_use]
    pub const fn types(&self) -> Option<NamespaceTypes> {
        match self {
            Self::Setns(types) | Self::Unshare(types) | Self::Clone(types) => Some(*types),
            Self::Chroot(_) => None,
        }
    }
}
