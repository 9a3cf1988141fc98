//! What attackers do, one file per family.

pub(crate) mod access;
pub(crate) mod backlog;
pub(crate) mod container;
pub(crate) mod credentials;
pub(crate) mod descriptor;
pub(crate) mod execution;
pub(crate) mod file;
pub(crate) mod file_at;
pub(crate) mod kernel;
pub(crate) mod mount;
pub(crate) mod namespaces;
pub(crate) mod network;
pub(crate) mod other_way;
pub(crate) mod overlay;
pub(crate) mod process;
pub(crate) mod storm;
pub(crate) mod terminal;
pub(crate) mod uring;
