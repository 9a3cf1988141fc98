use std::{fmt, sync::Arc};

use crate::{Category, Connect, ConnectStage, Mount, Process, Timestamp};

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
    /// The process called mount(2).
    Mount(Mount),
}

/// The kinds of event, for counters and command-line choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "as in Action")]
pub enum EventKind {
    Exec,
    Fork,
    Exit,
    Connect,
    Mount,
}

/// One thing that one process did, complete by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When the kernel saw it.
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
        match self.action {
            Action::Exec => EventKind::Exec,
            Action::Fork => EventKind::Fork,
            Action::Exit(_) => EventKind::Exit,
            Action::Connect(_) => EventKind::Connect,
            Action::Mount(_) => EventKind::Mount,
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
            Action::Mount(_) => Category::Mount,
        }
    }
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Exec, Self::Fork, Self::Exit, Self::Connect, Self::Mount];

    /// The name used on the command line and as a metric label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Fork => "fork",
            Self::Exit => "exit",
            Self::Connect => "connect",
            Self::Mount => "mount",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its place in [`ALL`](Self::ALL), for tables indexed by kind.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
