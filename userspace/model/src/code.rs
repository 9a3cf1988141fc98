use crate::names::{Flags, Names, joined};

/// A file that lives in memory only (memfd_create(2)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memfd {
    /// The name that it was given.
    pub name: Box<str>,
    /// `MFD_*`.
    pub flags: u64,
}

/// include/uapi/linux/memfd.h
const MEMFD_FLAGS: &Flags =
    &[(1, "cloexec"), (2, "allow_sealing"), (4, "hugetlb"), (8, "noexec_seal"), (16, "exec")];

impl Memfd {
    /// The value of the field `memfd.flags`.
    #[must_use]
    pub const fn flag_names(&self) -> Names {
        joined(MEMFD_FLAGS, self.flags)
    }
}

/// A kernel module loaded or unloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Module {
    /// init_module(2): from memory, so many bytes.
    Load(u64),
    /// finit_module(2): from the file of this path.
    LoadFile(Box<str>),
    /// delete_module(2): the module of this name.
    Unload(Box<str>),
}

impl Module {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Load(_) => "init_module",
            Self::LoadFile(_) => "finit_module",
            Self::Unload(_) => "delete_module",
        }
    }
}
