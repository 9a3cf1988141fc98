use crate::wire;

/// Set in [`Header::flags`] when the argument block was longer than is captured.
pub const FLAG_ARGS_TRUNCATED: u32 = 1;
/// Set in [`Header::flags`] when a path had more or longer components than are captured.
pub const FLAG_PATH_TRUNCATED: u32 = 2;

wire! {
    /// The beginning of every record.
    pub struct Header [32] {
        /// A [`crate::Kind`] number.
        pub kind: u16,
        /// [`crate::VERSION`].
        pub version: u16,
        /// The whole record's length in bytes.
        pub length: u32,
        /// The CPU that made it.
        pub cpu: u32,
        /// `FLAG_*`.
        pub flags: u32,
        /// Counts the records of this kind on this CPU, lost ones included, from 1.
        pub sequence: u64,
        /// When, in nanoseconds since boot (CLOCK_BOOTTIME).
        pub time_ns: u64,
    }
}

wire! {
    /// Who did it.
    pub struct Task [56] {
        /// Process id in the host's pid namespace (the kernel's tgid).
        pub pid: u32,
        /// Thread id in the host's pid namespace.
        pub tid: u32,
        /// Real user id in the host's user namespace.
        pub uid: u32,
        /// Real group id in the host's user namespace.
        pub gid: u32,
        /// When the process (its main thread) began, nanoseconds since boot.
        pub start_ns: u64,
        /// Id of its cgroup in the unified hierarchy; 1 is the root.
        pub cgroup_id: u64,
        /// Inode number of its mount namespace.
        pub mnt_ns: u32,
        /// Inode number of its pid namespace; 0 where the record did not need it.
        pub pid_ns: u32,
        /// The kernel's name for the thread, padded with NULs.
        pub comm: [u8; 16],
    }
}

wire! {
    /// Where it comes from and as whom it acts.
    pub struct Lineage [32] {
        /// The parent's process id in the host's pid namespace.
        pub parent_pid: u32,
        /// Effective user id.
        pub euid: u32,
        /// When the parent began, nanoseconds since boot.
        pub parent_start_ns: u64,
        /// Audit login uid; `u32::MAX` when nobody logged in.
        pub login_uid: u32,
        /// Audit session id.
        pub session_id: u32,
        /// Its process id as its own pid namespace sees it.
        pub inner_pid: u32,
        /// Zero.
        pub padding: u32,
    }
}

wire! {
    /// Inode numbers of the namespaces that [`Task`] does not have.
    pub struct Namespaces [24] {
        /// Network.
        pub net: u32,
        /// Host name.
        pub uts: u32,
        /// System V IPC.
        pub ipc: u32,
        /// Control groups.
        pub cgroup: u32,
        /// Users.
        pub user: u32,
        /// Zero.
        pub padding: u32,
    }
}
