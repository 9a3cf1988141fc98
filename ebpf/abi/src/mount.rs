use crate::{Header, Task, wire};

wire! {
    /// A call of mount(2), at its return.
    ///
    /// The variable part is, in this order: source, target and type as NUL-terminated strings, read from the
    /// caller's memory at the call's return (another thread may have changed them since the kernel looked),
    /// then the working directory as NUL-terminated names from the leaf to the root.
    pub struct Mount [112] {
        /// The beginning.
        pub header: Header,
        /// The process.
        pub task: Task,
        /// MS_* flags.
        pub mount_flags: u64,
        /// Errno of a refused call, 0 for success.
        pub errno: u32,
        /// Bytes of the source, its NUL included.
        pub source_length: u16,
        /// Bytes of the target, its NUL included.
        pub target_length: u16,
        /// Bytes of the type, its NUL included.
        pub type_length: u16,
        /// Bytes of the working directory's names.
        pub cwd_length: u16,
        /// Zero.
        pub padding: u32,
    }
}
