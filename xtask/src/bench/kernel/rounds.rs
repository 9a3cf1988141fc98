//! Rounds: in each everybody is measured once, so that a disturbance of the machine meets all of them.

use anyhow::{Context, Result};

use super::{
    contender::{Contender, Tally},
    storm::{Deed, Storms},
};

/// One load under one contender.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) contender: &'static str,
    pub(super) deed: Deed,
    /// How often the deed was done.
    pub(super) times: u32,
    /// What one took.
    pub(super) micros: f64,
    /// What the load cost the contender itself.
    pub(super) used: Option<Tally>,
}

/// All loads, in the order of the rounds.
#[derive(Debug, Default)]
pub(super) struct Samples {
    samples: Vec<Sample>,
}

impl Samples {
    /// Those of one contender.
    pub(super) fn of(&self, contender: &str, deed: Deed) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| sample.contender == contender && sample.deed == deed)
    }

    /// What one deed took, round by round.
    pub(super) fn micros(&self, contender: &str, deed: Deed) -> Vec<f64> {
        self.of(contender, deed).map(|sample| sample.micros).collect()
    }

    /// What the loads of a deed cost the contender, in all rounds: how many deeds, and what for.
    pub(super) fn used(&self, contender: &str, deed: Deed) -> Option<(f64, Tally)> {
        let each = self.of(contender, deed).map(|sample| Some((f64::from(sample.times), sample.used?)));
        let add = |(times, used): (f64, Tally), (more, also)| (times + more, used.and(also));
        each.collect::<Option<Vec<_>>>()?.into_iter().reduce(add)
    }
}

impl FromIterator<Sample> for Samples {
    fn from_iter<I: IntoIterator<Item = Sample>>(samples: I) -> Self {
        Self { samples: samples.into_iter().collect() }
    }
}

/// Measures everybody so many times.
pub(super) fn run(contenders: &[Box<dyn Contender>], storms: &Storms, rounds: u32) -> Result<Samples> {
    let mut samples = Samples::default();
    for round in 0..rounds {
        println!("round {} of {rounds}", round + 1);
        for contender in in_turn(contenders, round) {
            let measured = measure(contender.as_ref(), storms);
            samples.samples.extend(measured.with_context(|| contender.name().to_owned())?);
        }
    }
    Ok(samples)
}

/// Starts a contender and lets it watch a little, so that one which cannot is known before the first round.
pub(super) fn rehearse(contender: &dyn Contender, storms: &Storms) -> Result<()> {
    let mut watcher = contender.start()?;
    for deed in contender.deeds() {
        storms.warm_up(*deed)?;
    }
    watcher.tally()?;
    watcher.stop()
}

/// Everybody once, each round beginning with another one.
fn in_turn<T>(all: &[T], round: u32) -> impl Iterator<Item = &T> {
    let first = usize::try_from(round).unwrap_or_default().checked_rem(all.len()).unwrap_or_default();
    all.iter().cycle().skip(first).take(all.len())
}

fn measure(contender: &dyn Contender, storms: &Storms) -> Result<Vec<Sample>> {
    let mut watcher = contender.start()?;
    for deed in contender.deeds() {
        storms.warm_up(*deed)?;
    }
    let mut samples = Vec::new();
    let mut before = watcher.tally()?;
    for deed in contender.deeds().iter().copied() {
        let micros = storms.run(deed)?;
        let after = watcher.tally()?;
        let used = after.zip(before).map(|(after, before)| after.since(before));
        samples.push(Sample { contender: contender.name(), deed, times: storms.times(deed), micros, used });
        before = after;
    }
    watcher.stop()?;
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::{Sample, Samples, in_turn};
    use crate::bench::kernel::{contender::Tally, storm::Deed};

    #[test]
    fn everybody_comes_once_in_each_round_and_first_in_turn() {
        let orders: Vec<String> =
            (0..4).map(|round| in_turn(&["a", "b", "c"], round).copied().collect()).collect();
        assert_eq!(orders, ["abc", "bca", "cab", "abc"]);
        assert_eq!(in_turn::<u8>(&[], 1).count(), 0);
    }

    fn sample(contender: &'static str, micros: f64, used: Option<Tally>) -> Sample {
        Sample { contender, deed: Deed::Spawn, times: 10, micros, used }
    }

    fn tally(cpu_seconds: f64, lost: f64) -> Tally {
        Tally { cpu_seconds, lost: Some(lost), ..Tally::default() }
    }

    #[test]
    fn what_was_used_is_summed_over_the_rounds_of_one_contender() {
        let samples = Samples {
            samples: vec![
                sample("bare", 5.0, None),
                sample("rampart", 6.0, Some(tally(0.5, 1.0))),
                sample("bare", 4.0, None),
                sample("rampart", 7.0, Some(tally(0.25, 2.0))),
            ],
        };
        assert_eq!(samples.micros("rampart", Deed::Spawn), [6.0, 7.0]);
        let (times, used) = samples.used("rampart", Deed::Spawn).unwrap();
        assert_eq!(
            format!("{times} {} {:?} {:?}", used.cpu_seconds, used.lost, used.events),
            "20 0.75 Some(3.0) None"
        );
        assert!(samples.used("bare", Deed::Spawn).is_none());
        assert!(samples.used("rampart", Deed::Connect).is_none());
    }
}
