use rampart_model::{
    Arguments, Call, Capabilities, Connect, EventKind, ExecutableTraits, Exit, Namespaces, Stdio,
};

/// One record, decoded: what the kernel said, before anybody has added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// When, nanoseconds since boot (CLOCK_BOOTTIME).
    pub time_ns: u64,
    /// The CPU that made it.
    pub cpu: u32,
    /// Its number among the records of this kind on this CPU, lost ones included, from 1.
    pub sequence: u64,
    /// Who did it.
    pub task: Task,
    /// What was done.
    pub body: Body,
}

/// Who did it, as far as every record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Process id in the host's pid namespace.
    pub pid: u32,
    /// Thread id in the host's pid namespace.
    pub tid: u32,
    /// Real user id.
    pub uid: u32,
    /// Real group id.
    pub gid: u32,
    /// When the process began, nanoseconds since boot.
    pub start_ns: u64,
    /// Id of its cgroup in the unified hierarchy; 1 is the root, 0 not known.
    pub cgroup_id: u64,
    /// The kernel's name for the thread.
    pub name: Box<str>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A program was executed.
    Exec(Box<Exec>),
    /// A process was made.
    Fork(Fork),
    /// A process ended.
    Exit(Exit),
    /// A connection.
    Connect(Connect),
    /// Something else that was asked of the kernel. A process that it was done to is told by its key or number.
    Call(Call),
}

impl Capture {
    /// The kind of event that it becomes.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match &self.body {
            Body::Exec(_) => EventKind::Exec,
            Body::Fork(_) => EventKind::Fork,
            Body::Exit(_) => EventKind::Exit,
            Body::Connect(_) => EventKind::Connect,
            Body::Call(call) => call.operation.kind(),
        }
    }
}

/// Where a process comes from and as whom it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lineage {
    /// The parent's process id.
    pub parent_pid: u32,
    /// When the parent began, nanoseconds since boot.
    pub parent_start_ns: u64,
    /// Effective user id.
    pub effective_uid: u32,
    /// Audit login uid, if anybody logged in.
    pub login_uid: Option<u32>,
    /// The process id as the process's own pid namespace sees it.
    pub inner_pid: u32,
}

/// A new program image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// Parent and identities.
    pub lineage: Lineage,
    /// Namespaces.
    pub namespaces: Namespaces,
    /// Effective capabilities.
    pub capabilities: Capabilities,
    /// Descriptors 0 to 2.
    pub stdio: Stdio,
    /// Path of the program file, as the process's root sees it.
    pub executable: Box<str>,
    /// What is remarkable about the program file.
    pub traits: ExecutableTraits,
    /// Path of the script that the program was loaded to interpret.
    pub script: Option<Box<str>>,
    /// Working directory.
    pub working_directory: Box<str>,
    /// Path in the cgroup hierarchy that names containers best on this machine.
    pub cgroup: Box<str>,
    /// Arguments.
    pub args: Arguments,
    /// They were longer than what was captured.
    pub args_truncated: bool,
}

/// A new process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// Parent and identities.
    pub lineage: Lineage,
    /// Mount namespace.
    pub mnt_ns: u32,
    /// Pid namespace.
    pub pid_ns: u32,
}
