/// How much one sink's queue may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// On disk, in bytes of messages. The file is larger: about 1.4 times as large while messages only come, and up to twice
    /// where they also go.
    pub disk_bytes: u64,
    /// In memory while the disk takes nothing, in bytes of messages.
    pub memory_bytes: u64,
}

impl Default for Limits {
    /// 256 MiB on disk, 60,000 to 130,000 findings of 2 to 4 KB, and 4 MiB in memory.
    fn default() -> Self {
        Self { disk_bytes: 256 * 1024 * 1024, memory_bytes: 4 * 1024 * 1024 }
    }
}
