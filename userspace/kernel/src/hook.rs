use std::fmt;

use rampart_model::EventKind;

/// Where a program is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A raw tracepoint with typed arguments (Linux 5.5).
    BtfTracepoint(&'static str),
    /// A tracepoint of a system call, by its name in tracefs.
    Syscall(&'static str),
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BtfTracepoint(name) => write!(f, "tp_btf/{name}"),
            Self::Syscall(name) => write!(f, "tracepoint/syscalls/{name}"),
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
    /// The kind of event it gives.
    pub kind: EventKind,
    /// What is not seen without it.
    pub without: &'static str,
}

/// Every hook.
pub(crate) const HOOKS: &[Hook] = &[
    Hook {
        program: "sched_process_exec",
        point: Point::BtfTracepoint("sched_process_exec"),
        kind: EventKind::Exec,
        without: "executed programs",
    },
    Hook {
        program: "sched_process_fork",
        point: Point::BtfTracepoint("sched_process_fork"),
        kind: EventKind::Fork,
        without: "the ancestry of processes that forked without exec",
    },
    Hook {
        program: "sched_process_exit",
        point: Point::BtfTracepoint("sched_process_exit"),
        kind: EventKind::Exit,
        without: "ends of processes",
    },
    Hook {
        program: "inet_sock_set_state",
        point: Point::BtfTracepoint("inet_sock_set_state"),
        kind: EventKind::Connect,
        without: "TCP connections",
    },
    Hook {
        program: "sys_enter_connect",
        point: Point::Syscall("sys_enter_connect"),
        kind: EventKind::Connect,
        without: "UDP connections, TCP connections refused before the first packet",
    },
    Hook {
        program: "sys_exit_connect",
        point: Point::Syscall("sys_exit_connect"),
        kind: EventKind::Connect,
        without: "UDP connections, TCP connections refused before the first packet",
    },
    Hook {
        program: "sys_enter_mount",
        point: Point::Syscall("sys_enter_mount"),
        kind: EventKind::Mount,
        without: "mounts",
    },
    Hook {
        program: "sys_exit_mount",
        point: Point::Syscall("sys_exit_mount"),
        kind: EventKind::Mount,
        without: "mounts",
    },
];

/// What became of a hook.
#[derive(Debug, Clone)]
pub struct HookState {
    /// Which.
    pub hook: Hook,
    /// Attached, or why not.
    pub result: Result<(), String>,
}
