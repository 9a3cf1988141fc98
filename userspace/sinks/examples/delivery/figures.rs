use serde::Serialize;

/// What a case has taken, all of it together.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) findings: u64,
    /// By the wall, until the last one was where it had to go.
    pub(crate) seconds: f64,
    /// Processor time of the process.
    pub(crate) process_seconds: f64,
    /// Of that, the thread that keeps findings: encoding, writing, reading, removing.
    pub(crate) keeper_seconds: f64,
    /// Of that, the thread that seals and sends them.
    pub(crate) sender_seconds: f64,
    /// Of the messages before they are sealed.
    pub(crate) message_bytes: u64,
    /// That went to the manager.
    pub(crate) wire_bytes: u64,
    /// Of the spool's file at the end.
    pub(crate) file_bytes: u64,
    /// The most memory that the process held, in KiB.
    pub(crate) peak_kibibytes: u64,
}
