use super::{Metrics, MetricsError, bound::Counters, registrar::Registrar};

/// Who asks for all this.
#[derive(Debug)]
pub(super) struct Listener {
    cut: Counters,
}

impl Listener {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            cut: registrar.counters(
                "rampart_http_cut_total",
                "Connections to the agent's HTTP server that were ended unanswered: slow (they took too long) or crowded (there were too many, and they were the oldest).",
                &["reason"],
            )?,
        })
    }
}

impl Metrics {
    /// Counts a connection that was ended before it was answered.
    pub(crate) fn connection_cut(&self, reason: &'static str) {
        self.families.listener.cut.add(&[reason], 1);
    }
}
