//! Everybody on the same rules and events, in turn.

use std::{hint::black_box, time::Instant};

use crate::{
    contender::{Contender, Loading, Name},
    corpus::{
        event::{self, Kind},
        rule,
    },
    report,
};

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Rounds: in each, everybody evaluates events, one after the other.
    pub rounds: usize,
    /// With how many rules the peers take part in every so many-th round only: they are slow.
    pub rare: usize,
}

struct Participant {
    name: Name,
    contender: Box<dyn Contender>,
    times: Vec<u64>,
}

/// Evaluates and measures. The first round is for warming up.
///
/// # Panics
/// When two engines do not find the same: then there is nothing to compare.
#[must_use]
pub fn measure(
    count: usize,
    kind: Kind,
    names: &[Name],
    extent: Extent,
) -> (report::Load, Vec<(Name, Loading)>) {
    let (rules, samples) = (rule::set(count), event::samples(kind));
    let mut loadings = Vec::new();
    let mut participants: Vec<Participant> = Vec::new();
    for name in names {
        let (contender, loading) = name.load(&rules, &samples);
        loadings.push((*name, loading));
        participants.push(Participant { name: *name, contender, times: Vec::new() });
    }
    let expected = if kind == Kind::Quiet { 0 } else { event::EVENTS / 100 };
    for participant in &mut participants {
        let found: usize = (0..samples.len()).map(|number| participant.contender.evaluate(number)).sum();
        assert_eq!(found, expected, "{} with {count} rules", participant.name.text());
    }
    let overhead = overhead();
    for round in 0..extent.rounds {
        for participant in &mut participants {
            if !participant.name.is_peer() || round % extent.rare == 0 {
                participant.round(samples.len(), overhead);
            }
        }
    }
    let figures = participants.into_iter().map(Participant::figure).collect();
    (report::Load { rules: count, matching: kind == Kind::Matching, figures }, loadings)
}

impl Participant {
    fn round(&mut self, events: usize, overhead: u64) {
        for number in 0..events {
            let begin = Instant::now();
            black_box(self.contender.evaluate(black_box(number)));
            self.times.push(nanos(begin).saturating_sub(overhead));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn figure(mut self) -> report::Figure {
        self.times.sort_unstable();
        let at = |percent: usize| self.times[(self.times.len() - 1) * percent / 100] as f64;
        let sum: u64 = self.times.iter().sum();
        report::Figure {
            name: self.name.text(),
            median: at(50),
            p99: at(99),
            per_second: self.times.len() as f64 * 1e9 / sum as f64,
            samples: self.times.len(),
        }
    }
}

/// What looking at the clock takes.
fn overhead() -> u64 {
    let mut times: Vec<u64> = (0..10_001).map(|_| nanos(Instant::now())).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn nanos(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
