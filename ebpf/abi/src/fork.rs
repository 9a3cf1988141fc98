use crate::{Header, Lineage, Task, wire};

wire! {
    /// A process was made (tracepoint sched_process_fork; threads are not reported).
    pub struct Fork [120] {
        /// The beginning.
        pub header: Header,
        /// The new process.
        pub task: Task,
        /// Its parent and identities.
        pub lineage: Lineage,
    }
}
