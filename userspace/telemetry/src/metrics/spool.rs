use prometheus::IntCounter;
use rampart_model::Severity;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges, raise},
    registrar::Registrar,
};

/// What is kept for sinks that do not take it now.
#[derive(Debug)]
pub(super) struct Spool {
    bytes: Gauges,
    messages: Gauges,
    in_memory: Gauges,
    dropped: Counters,
    write_errors: IntCounter,
}

impl Spool {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            bytes: registrar.gauges("rampart_spool_bytes", "Bytes kept on disk for a sink.", &["sink"])?,
            messages: registrar.gauges(
                "rampart_spool_messages",
                "Messages kept for a sink until it has taken them, on disk or in memory.",
                &["sink"],
            )?,
            in_memory: registrar.gauges(
                "rampart_spool_memory_messages",
                "Messages kept for a sink in memory only, because the disk does not take them: a crash loses them.",
                &["sink"],
            )?,
            dropped: registrar.counters(
                "rampart_spool_dropped_total",
                "Messages given up at the spool's bound before a sink has taken them.",
                &["sink", "severity"],
            )?,
            write_errors: registrar.counter(
                "rampart_spool_write_errors_total",
                "Writes of the spool that the disk has not taken.",
            )?,
        })
    }
}

impl Metrics {
    /// Sets what is kept for a sink: bytes on disk, messages in all, and those of them that are in memory only.
    pub fn spool(&self, sink: &str, bytes: u64, messages: u64, in_memory: u64) {
        let family = &self.families.spool;
        family.bytes.set(&[sink], bytes);
        // First: nobody is to take what is in memory for what is on disk.
        family.in_memory.set(&[sink], in_memory);
        family.messages.set(&[sink], messages);
    }

    /// Sets how many messages of a severity were given up.
    pub fn spool_dropped(&self, sink: &str, severity: Severity, total: u64) {
        self.families.spool.dropped.raise(&[sink, severity.name()], total);
    }

    /// Sets how many writes have failed.
    pub fn spool_write_errors(&self, total: u64) {
        raise(&self.families.spool.write_errors, total);
    }
}
