use crate::{BtfError, ResolveError};

/// Why the programs are not running.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The process lacks privileges.
    #[error("not permitted: missing {}; run as root, or grant these capabilities", .0.join(", "))]
    NotPermitted(Vec<&'static str>),
    /// The binary was built without the eBPF toolchain.
    #[error("this binary holds no eBPF programs; build it with `cargo xtask build`")]
    NoPrograms,
    /// The kernel is older than the floor.
    #[error("kernel {release} is too old: the ring buffer needs Linux 5.8 or later")]
    TooOld {
        /// uname -r.
        release: String,
    },
    /// The kernel gives no type information.
    #[error("{vmlinux} cannot be read; the kernel must be built with CONFIG_DEBUG_INFO_BTF=y", vmlinux = crate::btf::VMLINUX)]
    NoBtf {
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// The kernel's type information is not understood.
    #[error("{vmlinux} is not understood", vmlinux = crate::btf::VMLINUX)]
    Btf(#[from] BtfError),
    /// A field that the programs need is not in this kernel.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The object was refused.
    #[error("the kernel refused the eBPF object")]
    Object(#[source] Box<aya::EbpfError>),
    /// A map is missing or of the wrong kind.
    #[error("map {name}")]
    Map {
        /// Which.
        name: &'static str,
        /// Why.
        #[source]
        source: Option<aya::maps::MapError>,
    },
    /// No hook at all could be attached.
    #[error("no hook could be attached: {0}")]
    NoHooks(String),
    /// The number of CPUs is not known.
    #[error("possible CPUs cannot be read from {file}")]
    Cpus {
        /// Where it was looked up.
        file: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

/// Why the ring buffer is not read any more.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// poll(2) failed.
    #[error("waiting for the ring buffer")]
    Poll(#[from] rustix::io::Errno),
    /// The counters cannot be read.
    #[error("reading the loss counters")]
    Counters(#[from] aya::maps::MapError),
}
