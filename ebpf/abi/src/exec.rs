use crate::{Header, Lineage, Namespaces, Task, wire};

wire! {
    /// A program was executed (tracepoint sched_process_exec: after the point of no return).
    ///
    /// The variable part is, in this order: the program file's path, the working directory, the cgroup
    /// (each as NUL-terminated names from the leaf to the root), then the argument block as the kernel
    /// has laid it out (`mm->arg_start`, NUL-terminated strings).
    pub struct Exec [168] {
        /// The beginning.
        pub header: Header,
        /// The process, already as its new image.
        pub task: Task,
        /// Its parent and identities.
        pub lineage: Lineage,
        /// Its other namespaces.
        pub namespaces: Namespaces,
        /// `i_mode` of what descriptors 0, 1 and 2 refer to; 0 when closed.
        pub stdio_modes: [u16; 3],
        /// Bytes of the program path's names.
        pub path_length: u16,
        /// Bytes of the working directory's names.
        pub cwd_length: u16,
        /// Bytes of the cgroup's names.
        pub cgroup_length: u16,
        /// Bytes of arguments.
        pub args_length: u32,
        /// Bytes of arguments there were.
        pub args_total: u32,
        /// Zero.
        pub padding: u32,
    }
}
