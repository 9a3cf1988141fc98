use prometheus::IntCounter;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges, raise},
    registrar::Registrar,
};

/// What is heard of pods from the API server.
#[derive(Debug)]
pub(super) struct Pods {
    known: Gauges,
    left_out: Counters,
    connected: Gauges,
    errors: IntCounter,
    lists: IntCounter,
    owners: Counters,
}

impl Pods {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            known: registrar.gauges("rampart_pods", "Pods of this node that the API server has told of.", &[])?,
            left_out: registrar.counters(
                "rampart_pods_left_out_total",
                "What of pods found no room: refused (pods beyond the bound, or what makes no sense), cut (texts, labels and containers beyond theirs), forgotten (gone, and many others after them).",
                &["reason"],
            )?,
            connected: registrar.gauges(
                "rampart_pod_watch_connected",
                "Whether the API server tells of changes of pods now: 1 or 0.",
                &[],
            )?,
            errors: registrar.counter(
                "rampart_pod_watch_errors_total",
                "Questions about pods to the API server that failed.",
            )?,
            lists: registrar.counter(
                "rampart_pod_watch_lists_total",
                "Lists of all pods of this node that the API server has given.",
            )?,
            owners: registrar.counters(
                "rampart_pod_owners_total",
                "Owners of pods that were looked up: found or failed.",
                &["result"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets how many pods are known, and whether the API server tells of changes.
    pub fn pods(&self, known: usize, connected: bool) {
        self.families.pods.known.set(&[], known.try_into().unwrap_or(u64::MAX));
        self.families.pods.connected.set(&[], connected.into());
    }

    /// Sets how much of pods was left out for a reason: `refused`, `cut` or `forgotten`.
    pub fn pods_left_out(&self, reason: &'static str, total: u64) {
        self.families.pods.left_out.raise(&[reason], total);
    }

    /// Sets how often the API server has listed all pods, and how often it could not be asked.
    pub fn pod_watch(&self, lists: u64, errors: u64) {
        raise(&self.families.pods.lists, lists);
        raise(&self.families.pods.errors, errors);
    }

    /// Sets how many owners of pods were found, and how many were not.
    pub fn pod_owners(&self, found: u64, failed: u64) {
        self.families.pods.owners.raise(&["found"], found);
        self.families.pods.owners.raise(&["failed"], failed);
    }
}
