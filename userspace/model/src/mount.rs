/// A call of mount(2), seen at its return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted; a relative path is resolved against the caller's working directory.
    pub source: Box<str>,
    /// Where, as the caller sees it; resolved like `source`.
    pub target: Box<str>,
    /// File-system type; empty for binds and remounts.
    pub fs_type: Box<str>,
    /// `MS_*` flags of mount(2).
    pub flags: u64,
    /// The errno of a refused call; 0 for success.
    pub errno: u16,
}

/// `MS_*` names in the order of their bits (include/uapi/linux/mount.h).
const FLAGS: &[(u64, &str)] = &[
    (1, "ro"),
    (2, "nosuid"),
    (4, "nodev"),
    (8, "noexec"),
    (16, "sync"),
    (32, "remount"),
    (64, "mand"),
    (128, "dirsync"),
    (256, "nosymfollow"),
    (1024, "noatime"),
    (2048, "nodiratime"),
    (4096, "bind"),
    (8192, "move"),
    (16384, "rec"),
    (32768, "silent"),
    (1 << 17, "unbindable"),
    (1 << 18, "private"),
    (1 << 19, "slave"),
    (1 << 20, "shared"),
    (1 << 21, "relatime"),
    (1 << 24, "strictatime"),
    (1 << 25, "lazytime"),
];

impl Mount {
    /// The flags by name, joined with commas, as mount(8) would print them.
    #[must_use]
    pub fn flag_names(&self) -> String {
        let names: Vec<_> = FLAGS.iter().filter(|(bit, _)| self.flags & bit != 0).map(|(_, n)| *n).collect();
        names.join(",")
    }
}
