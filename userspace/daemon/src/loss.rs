use rampart_kernel::Tally;
use rampart_model::{EventKind, Health};

/// Reports new losses once each, by kind and stage.
#[derive(Debug, Default)]
pub(crate) struct LossWatch {
    reported: Tally,
}

impl LossWatch {
    /// What was lost since the last call.
    pub(crate) fn update(&mut self, now: Tally) -> Vec<Health> {
        let stages = EventKind::ALL.into_iter().flat_map(|kind| {
            let (before, now) = (self.reported.of(kind), now.of(kind));
            [
                (kind, "hook", now.skipped.saturating_sub(before.skipped)),
                (kind, "ring", now.lost_ring.saturating_sub(before.lost_ring)),
                (kind, "decode", now.lost_decode.saturating_sub(before.lost_decode)),
            ]
        });
        let lost = stages.filter(|(_, _, count)| *count > 0);
        let reports = lost.map(|(kind, stage, count)| Health::EventsLost { kind, stage, count }).collect();
        self.reported = now;
        reports
    }
}
