use std::fmt;

use rampart_abi::Operation;
use rampart_model::EventKind;

mod table;

pub(crate) use table::HOOKS;

/// Where a program is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A raw tracepoint with typed arguments (Linux 5.5): the first of these names that the kernel has.
    BtfTracepoint(&'static [&'static str]),
    /// Tracepoints of system calls, by their names in tracefs: all of these that the architecture has.
    Syscalls(&'static [&'static str]),
    /// A security hook (BPF LSM, Linux 5.7).
    Security(&'static str),
    /// The end of a kernel function (Linux 5.5).
    FunctionEnd(&'static str),
}

impl Point {
    /// Whether every kernel that has eBPF has it, as against security hooks and functions.
    #[must_use]
    pub const fn is_tracepoint(self) -> bool {
        matches!(self, Self::BtfTracepoint(_) | Self::Syscalls(_))
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BtfTracepoint(names) => write!(f, "tp_btf/{}", names.first().unwrap_or(&"")),
            Self::Syscalls(names) => write!(f, "tracepoint/syscalls/{}", names.join(",")),
            Self::Security(name) => write!(f, "lsm/{name}"),
            Self::FunctionEnd(name) => write!(f, "fexit/{name}"),
        }
    }
}

/// One program and its place in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hook {
    /// The program's name in the object, and ours for the hook.
    pub program: &'static str,
    /// Where it is attached.
    pub point: Point,
    /// The kinds of event it gives: it is attached when one of them is wanted. Its losses count as the first one's.
    pub kinds: &'static [EventKind],
    /// What is not seen without it.
    pub without: &'static str,
    /// The hook that sees the same and better: where that one is attached, this one is not.
    pub unless: Option<&'static str>,
    /// The operation whose paths it resolves for the hook at the end of the system call.
    pub resolves: Option<Operation>,
    /// A kernel field without which this program makes no sense.
    pub needs: Option<&'static str>,
}

/// What became of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// It sees.
    Attached,
    /// Nobody wants what it gives.
    NotWanted,
    /// Another hook sees the same and better.
    Replaced(&'static str),
    /// The kernel does not allow it, or has no such place.
    Refused(String),
}

/// A hook and what became of it.
#[derive(Debug, Clone)]
pub struct HookState {
    /// Which.
    pub hook: Hook,
    /// How it went.
    pub attachment: Attachment,
}
