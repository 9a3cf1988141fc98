use crate::{Header, Lineage, Namespaces, Task, wire};

/// [`Exec::traits`]: the program file has no name any more.
pub const EXEC_DELETED: u32 = 1;
/// [`Exec::traits`]: the program file lives in memory only.
pub const EXEC_MEMFD: u32 = 2;
/// [`Exec::traits`]: the program file lies in the upper layer of an overlay.
pub const EXEC_UPPER_LAYER: u32 = 4;

wire! {
    /// A program was executed (tracepoint sched_process_exec: after the point of no return).
    ///
    /// The variable part is, in this order: the program file's path, the working directory, the cgroup
    /// (each as NUL-terminated names from the leaf to the root), the path that execve(2) was given where a script's
    /// interpreter runs (NUL-terminated), then the argument block as the kernel has laid it out (`mm->arg_start`,
    /// NUL-terminated strings).
    pub struct Exec [184] {
        /// The beginning.
        pub header: Header,
        /// The process, already as its new image.
        pub task: Task,
        /// Its parent and identities.
        pub lineage: Lineage,
        /// Its other namespaces.
        pub namespaces: Namespaces,
        /// Its effective capabilities, one bit each.
        pub capabilities: u64,
        /// `i_mode` of what descriptors 0, 1 and 2 refer to; 0 when closed.
        pub stdio_modes: [u16; 3],
        /// The major number of `i_rdev` of the same; 0 when it is no device.
        pub stdio_majors: [u16; 3],
        /// Bytes of the program path's names.
        pub path_length: u16,
        /// Bytes of the working directory's names.
        pub cwd_length: u16,
        /// Bytes of the cgroup's names.
        pub cgroup_length: u16,
        /// Bytes of the script's path.
        pub script_length: u16,
        /// `EXEC_*`.
        pub traits: u32,
        /// Bytes of arguments.
        pub args_length: u32,
        /// Bytes of arguments there were.
        pub args_total: u32,
    }
}
