use std::fmt;

/// Sigma's `logsource.category`: which events a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A program was executed.
    ProcessCreation,
    /// A process ended.
    ProcessTermination,
    /// A process made another without executing a program. Ours; Sigma has none.
    ProcessFork,
    /// A connection was attempted.
    NetworkConnection,
    /// A connection that was in progress came to its end. Ours; Sigma has none.
    NetworkConnectionResult,
    /// A file system was mounted. Ours; Sigma has none.
    Mount,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 6] = [
        Self::ProcessCreation,
        Self::ProcessTermination,
        Self::ProcessFork,
        Self::NetworkConnection,
        Self::NetworkConnectionResult,
        Self::Mount,
    ];

    /// The name as rules write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProcessCreation => "process_creation",
            Self::ProcessTermination => "process_termination",
            Self::ProcessFork => "process_fork",
            Self::NetworkConnection => "network_connection",
            Self::NetworkConnectionResult => "network_connection_result",
            Self::Mount => "mount",
        }
    }

    /// The category of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    /// Its place in [`ALL`](Self::ALL), for tables indexed by category.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
