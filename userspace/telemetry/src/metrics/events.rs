use rampart_model::EventKind;

use super::{Metrics, MetricsError, bound::Counters, registrar::Registrar};

/// What comes from the kernel, and what is found out about it.
#[derive(Debug)]
pub(super) struct Events {
    seen: Counters,
    lost: Counters,
    own: Counters,
    processes: Counters,
    containers: Counters,
}

impl Events {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            seen: registrar.counters(
                "rampart_events_total",
                "Events seen in the kernel; of kind cpu, made by looking at all processes.",
                &["kind"],
            )?,
            lost: registrar.counters(
                "rampart_events_lost_total",
                "Events lost, by where: hook (the kernel left a program out), flood (told in sum only), ring (no room in the ring buffer) or decode.",
                &["kind", "stage"],
            )?,
            own: registrar.counters(
                "rampart_own_events_total",
                "Events of the agent's own work, which no rule looks at.",
                &["module"],
            )?,
            processes: registrar.counters(
                "rampart_process_gaps_total",
                "Gaps in what is known of processes: forgotten at the tree's bound, unknown when they acted, or unfollowed (too many to follow how much processor time they use, counted at each look).",
                &["reason"],
            )?,
            containers: registrar.counters(
                "rampart_container_lookups_total",
                "Containers looked up in their runtimes' files: found, missing (no runtime says anything of it), refused (its document cannot be read), or forgotten at the bound.",
                &["result"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets what has been seen of a kind.
    pub fn events_seen(&self, kind: EventKind, total: u64) {
        self.families.events.seen.raise(&[kind.name()], total);
    }

    /// Sets what has been lost of a kind at a stage.
    pub fn events_lost(&self, kind: EventKind, stage: &str, total: u64) {
        self.families.events.lost.raise(&[kind.name(), stage], total);
    }

    /// Sets how many events scans of the configuration have made.
    pub fn own_events(&self, total: u64) {
        self.families.events.own.raise(&["sca"], total);
    }

    /// Sets how many processes the tree has forgotten at its bound, how many acted without being known, and of how many
    /// the use of processors was not followed.
    pub fn processes(&self, forgotten: u64, unknown: u64, unfollowed: u64) {
        let family = &self.families.events.processes;
        family.raise(&["forgotten"], forgotten);
        family.raise(&["unknown"], unknown);
        family.raise(&["unfollowed"], unfollowed);
    }

    /// Sets how many lookups of containers ended so.
    pub fn containers(&self, result: &str, total: u64) {
        self.families.events.containers.raise(&[result], total);
    }
}
