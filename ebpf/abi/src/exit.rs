use crate::{Header, Task, wire};

wire! {
    /// The last thread of a process ended (tracepoint sched_process_exit).
    pub struct Exit [96] {
        /// The beginning.
        pub header: Header,
        /// The process.
        pub task: Task,
        /// As wait(2) gives it: the code in bits 8 to 15, the signal in bits 0 to 6.
        pub status: u32,
        /// Zero.
        pub padding: u32,
    }
}
