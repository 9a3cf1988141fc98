use std::time::Duration;

/// How much of everything one rule may take of the host. Beyond it the rule has no result, and the fault says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes read of one file. Without a match within them there is no result.
    pub file_bytes: u64,
    /// Time for reading one file, that of looking at its lines included.
    pub file_time: Duration,
    /// Entries of one walk through a folder.
    pub walk_entries: u64,
    /// How deep a walk follows folders below the first. Each takes a file descriptor.
    pub walk_depth: usize,
    /// Time for one walk, that of looking at its entries included.
    pub walk_time: Duration,
    /// How long a command may run. Time in which it is stopped for the sake of the CPU share does not count.
    pub command_time: Duration,
    /// Bytes of a command's output.
    pub command_bytes: usize,
    /// How long the output is waited for that others write after the command itself has ended.
    pub command_linger: Duration,
    /// How long a command that was asked to end has until it is killed.
    pub command_grace: Duration,
}

impl Limits {
    /// What a scan does without being told otherwise. The command's time is the stock agent's (`sca.commands_timeout`).
    /// Its output may be 64 MiB there; no check wants a fraction of ours.
    pub const DEFAULT: Self = Self {
        file_bytes: 64 << 20,
        file_time: Duration::from_secs(30),
        walk_entries: 5_000_000,
        walk_depth: 256,
        walk_time: Duration::from_secs(30),
        command_time: Duration::from_secs(30),
        command_bytes: 16 << 20,
        command_linger: Duration::from_secs(2),
        command_grace: Duration::from_secs(2),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
