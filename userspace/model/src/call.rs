use crate::{
    Access, Bpf, Category, CredentialsChange, Descriptor, EventKind, FileCall, IoUring, Memfd, Module, Mount,
    NamespaceChange, Signal, SocketCall,
};

/// Something that a process asked of the kernel: what, and how that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// How it went.
    pub outcome: Outcome,
    /// What was asked.
    pub operation: Operation,
}

/// How an operation was asked for and how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// How it ended.
    pub result: CallResult,
    /// The way it came.
    pub origin: Origin,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallResult {
    /// The kernel did it.
    Done,
    /// The kernel refused with this errno.
    Refused(u16),
    /// It had not ended when it was seen, and its end is not seen.
    Unfinished,
}

/// The way an operation came to the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A system call of its own.
    Syscall,
    /// A submission to io_uring.
    IoUring,
}

impl Outcome {
    /// A system call that did what was asked.
    pub const DONE: Self = Self { result: CallResult::Done, origin: Origin::Syscall };

    /// Whether the kernel did it; none where that was not seen.
    #[must_use]
    pub const fn success(self) -> Option<bool> {
        match self.result {
            CallResult::Done => Some(true),
            CallResult::Refused(_) => Some(false),
            CallResult::Unfinished => None,
        }
    }

    /// Why it was refused.
    #[must_use]
    pub const fn errno(self) -> Option<u16> {
        match self.result {
            CallResult::Refused(errno) => Some(errno),
            CallResult::Done | CallResult::Unfinished => None,
        }
    }
}

impl Origin {
    /// The value of the field `event.origin`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syscall => "syscall",
            Self::IoUring => "io_uring",
        }
    }
}

/// What was asked, one variant for each kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A program that could not be executed: the path that was tried.
    ExecFailed(Box<str>),
    /// Something with a socket.
    Socket(SocketCall),
    /// Something with mounts.
    Mount(Mount),
    /// Other namespaces or another root.
    Namespace(NamespaceChange),
    /// Something with a file or its name.
    File(FileCall),
    /// A socket put onto a standard descriptor.
    Descriptor(Descriptor),
    /// Reaching into another process.
    Access(Access),
    /// A file in memory.
    Memfd(Memfd),
    /// A kernel module.
    Module(Module),
    /// BPF.
    Bpf(Bpf),
    /// Another identity or other capabilities.
    Credentials(CredentialsChange),
    /// A signal to another process.
    Signal(Signal),
    /// io_uring itself.
    IoUring(IoUring),
}

impl Operation {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExecFailed(_) => "execve",
            Self::Socket(call) => call.operation.name(),
            Self::Mount(mount) => mount.operation.name(),
            Self::Namespace(change) => change.name(),
            Self::File(call) => call.operation.name(),
            Self::Descriptor(_) => "dup",
            Self::Access(access) => access.request.operation(),
            Self::Memfd(_) => "memfd_create",
            Self::Module(module) => module.name(),
            Self::Bpf(_) => "bpf",
            Self::Credentials(_) => "credentials",
            Self::Signal(_) => "signal",
            Self::IoUring(request) => request.name(),
        }
    }

    /// The kind of event that it makes.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::ExecFailed(_) => EventKind::ExecFailed,
            Self::Socket(_) => EventKind::Socket,
            Self::Mount(_) => EventKind::Mount,
            Self::Namespace(_) => EventKind::Namespace,
            Self::File(_) => EventKind::File,
            Self::Descriptor(_) => EventKind::Descriptor,
            Self::Access(_) => EventKind::Access,
            Self::Memfd(_) => EventKind::Memfd,
            Self::Module(_) => EventKind::Module,
            Self::Bpf(_) => EventKind::Bpf,
            Self::Credentials(_) => EventKind::Credentials,
            Self::Signal(_) => EventKind::Signal,
            Self::IoUring(_) => EventKind::IoUring,
        }
    }

    /// The category whose rules look at it.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::ExecFailed(_) => Category::ProcessCreationFailure,
            Self::Socket(_) => Category::NetworkSocket,
            Self::Mount(_) => Category::Mount,
            Self::Namespace(_) => Category::Namespace,
            Self::File(call) => call.operation.category(),
            Self::Descriptor(_) => Category::Descriptor,
            Self::Access(_) => Category::ProcessAccess,
            Self::Memfd(_) => Category::MemfdCreate,
            Self::Module(_) => Category::KernelModule,
            Self::Bpf(_) => Category::Bpf,
            Self::Credentials(_) => Category::Credentials,
            Self::Signal(_) => Category::Signal,
            Self::IoUring(_) => Category::IoUring,
        }
    }
}
