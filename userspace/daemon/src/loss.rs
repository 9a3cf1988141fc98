//! When events begin to be lost or summarised, and when that is over.

use std::collections::HashMap;

use rampart_kernel::{Flood, Tally};
use rampart_model::{EventKind, Health, Phase, ProcessKey, Target, Timestamp};

use crate::episode::Episodes;

type Place = (EventKind, &'static str);
type Flooder = (ProcessKey, EventKind);

/// Watches the accounts of the kernel side.
#[derive(Debug, Default)]
pub(crate) struct LossWatch {
    before: Tally,
    losses: Episodes<Place>,
    floods: Episodes<Flooder>,
    /// Who they are: a process may be forgotten by the time its flood is over.
    flooders: HashMap<Flooder, Target>,
}

impl LossWatch {
    /// What has begun, or is over, since the last call.
    pub(crate) fn update(
        &mut self,
        tally: &Tally,
        floods: Vec<(Flood, Target)>,
        now: Timestamp,
    ) -> Vec<Health> {
        let losses = self.losses.update(new_losses(&self.before, tally), now);
        self.before = *tally;
        let mut new = Vec::with_capacity(floods.len());
        for (flood, process) in floods {
            let flooder = (flood.process, flood.kind);
            self.flooders.entry(flooder).or_insert(process);
            new.push((flooder, flood.count));
        }
        let floods = self.floods.update(new, now);
        self.told(losses, floods)
    }

    /// Ends what is under way.
    pub(crate) fn finish(&mut self) -> Vec<Health> {
        let (losses, floods) = (self.losses.finish(), self.floods.finish());
        self.told(losses, floods)
    }

    fn told(&mut self, losses: Vec<(Place, Phase)>, floods: Vec<(Flooder, Phase)>) -> Vec<Health> {
        let losses =
            losses.into_iter().map(|((kind, stage), phase)| Health::EventsLost { kind, stage, phase });
        let floods = floods.into_iter().map(|(flooder, phase)| self.flood(flooder, phase));
        losses.chain(floods).collect()
    }

    fn flood(&mut self, flooder: Flooder, phase: Phase) -> Health {
        let known = match phase {
            Phase::Began { .. } => self.flooders.get(&flooder).cloned(),
            Phase::Ended { .. } => self.flooders.remove(&flooder),
        };
        let (key, kind) = flooder;
        Health::EventsSummarised { process: known.unwrap_or(Target::Key(key)), kind, phase }
    }
}

fn new_losses(before: &Tally, now: &Tally) -> Vec<(Place, u64)> {
    let of_kind = |kind| {
        let (before, now) = (before.of(kind), now.of(kind));
        [
            ((kind, "hook"), now.skipped.saturating_sub(before.skipped)),
            ((kind, "ring"), now.lost_ring.saturating_sub(before.lost_ring)),
            ((kind, "decode"), now.lost_decode.saturating_sub(before.lost_decode)),
        ]
    };
    EventKind::ALL.into_iter().flat_map(of_kind).collect()
}
