use std::sync::Arc;

use crate::{Process, ProcessKey};

/// Reaching into another process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// How.
    pub request: AccessRequest,
    /// The other process; of [`AccessRequest::TraceMe`] the one that may trace.
    pub target: Target,
}

/// How a process reached into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessRequest {
    /// PTRACE_ATTACH.
    Attach,
    /// PTRACE_SEIZE: the same, without stopping it.
    Seize,
    /// PTRACE_TRACEME: the caller lets its parent trace it.
    TraceMe,
    /// PTRACE_POKETEXT and PTRACE_POKEDATA: a word of its memory was written.
    Poke,
    /// process_vm_readv(2): its memory was read.
    Read,
    /// process_vm_writev(2): its memory was written.
    Write,
}

impl AccessRequest {
    /// Of a request of ptrace(2) (include/uapi/linux/ptrace.h); none for those that are not told.
    #[must_use]
    pub const fn from_ptrace(request: u64) -> Option<Self> {
        match request {
            0 => Some(Self::TraceMe),
            4 | 5 => Some(Self::Poke),
            16 => Some(Self::Attach),
            0x4206 => Some(Self::Seize),
            _ => None,
        }
    }

    /// The value of the field `access.request`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Seize => "seize",
            Self::TraceMe => "traceme",
            Self::Poke => "poke",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Attach | Self::Seize | Self::TraceMe | Self::Poke => "ptrace",
            Self::Read => "process_vm_readv",
            Self::Write => "process_vm_writev",
        }
    }
}

/// A signal to another process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its number.
    pub number: u32,
    /// To whom.
    pub target: Target,
}

/// The process that something was done to, as well as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Known.
    Process(Arc<Process>),
    /// Nothing is known but which one it is.
    Key(ProcessKey),
    /// The number that the caller called it by: in the caller's pid namespace, and maybe that of a thread.
    Number(u32),
}

impl Target {
    /// The value of the field `TargetProcessId`.
    #[must_use]
    pub fn pid(&self) -> u32 {
        match self {
            Self::Process(process) => process.key.pid,
            Self::Key(key) => key.pid,
            Self::Number(number) => *number,
        }
    }

    /// The process, where it is known.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        match self {
            Self::Process(process) => Some(process),
            Self::Key(_) | Self::Number(_) => None,
        }
    }
}
