use std::sync::Arc;

use crate::{
    Call, Category, Connect, ConnectStage, CpuUsage, Operation, Process, Timestamp, vocabulary::vocabulary,
};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exit {
    /// The code given to exit(2); 0 when a signal ended it.
    pub code: u8,
    /// The signal that ended it.
    pub signal: Option<u8>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The process executed a new program; [`Event::process`] is the new image.
    Exec,
    /// The process began as a copy of its parent.
    Fork,
    /// The process ended.
    Exit(Exit),
    /// The process connected to somewhere.
    Connect(Connect),
    /// The process asked something else of the kernel.
    Call(Call),
    /// The process has kept a processor busy.
    Cpu(CpuUsage),
}

vocabulary! {
    /// The kinds of event, for counters and command-line choices.
    pub enum EventKind {
        Exec "exec" "A program was executed.";
        Fork "fork" "A process began.";
        Exit "exit" "A process ended.";
        Connect "connect" "A connection over IP.";
        Mount "mount" "Mounts.";
        ExecFailed "exec_failed" "A program could not be executed.";
        Socket "socket" "Sockets bound, listened on, accepted from, and raw ones.";
        Namespace "namespace" "Other namespaces or another root.";
        File "file" "Files opened, and names and attributes changed.";
        Descriptor "descriptor" "A socket put onto a standard descriptor.";
        Access "access" "Reaching into another process.";
        Memfd "memfd" "Files in memory.";
        Module "module" "Kernel modules.";
        Bpf "bpf" "BPF programs and maps.";
        Credentials "credentials" "Another identity or other capabilities.";
        Signal "signal" "Signals out of containers.";
        IoUring "io_uring" "io_uring itself.";
        Cpu "cpu" "Processes that keep a processor busy.";
    }
}

impl EventKind {
    /// Whether the agent makes its events by looking from time to time: of them the kernel tells nothing, and can lose
    /// nothing.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        matches!(self, Self::Cpu)
    }
}

/// One thing that one process did, complete by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When the kernel saw it; of what is sampled, when the agent did.
    pub time: Timestamp,
    /// Who did it.
    pub process: Arc<Process>,
    /// The thread that did it; equal to the process's pid for the main thread.
    pub thread_id: u32,
    /// What it did.
    pub action: Action,
}

impl Event {
    /// The event's kind.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match &self.action {
            Action::Exec => EventKind::Exec,
            Action::Fork => EventKind::Fork,
            Action::Exit(_) => EventKind::Exit,
            Action::Connect(_) => EventKind::Connect,
            Action::Call(call) => call.operation.kind(),
            Action::Cpu(_) => EventKind::Cpu,
        }
    }

    /// The `logsource.category` whose rules look at this event.
    #[must_use]
    pub const fn category(&self) -> Category {
        match &self.action {
            Action::Exec => Category::ProcessCreation,
            Action::Fork => Category::ProcessFork,
            Action::Exit(_) => Category::ProcessTermination,
            Action::Connect(connect) => match connect.stage {
                ConnectStage::Attempt => Category::NetworkConnection,
                ConnectStage::Resolution => Category::NetworkConnectionResult,
            },
            Action::Call(call) => call.operation.category(),
            Action::Cpu(_) => Category::ProcessCpu,
        }
    }

    /// What was asked of the kernel, where that is not one of the events with a form of their own.
    #[must_use]
    pub const fn call(&self) -> Option<&Call> {
        match &self.action {
            Action::Call(call) => Some(call),
            _ => None,
        }
    }

    /// The operation of that call.
    #[must_use]
    pub const fn operation(&self) -> Option<&Operation> {
        match self.call() {
            Some(call) => Some(&call.operation),
            None => None,
        }
    }
}
