//! What begins, lasts and ends: told twice, and not every second.

use std::collections::BTreeMap;

use rampart_model::{Phase, Timestamp};

/// Accounts without anything new after which an episode is over. There is one about every second.
const CALM: u32 = 5;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Episodes under way, by what they are of.
#[derive(Debug)]
pub(crate) struct Episodes<K>(BTreeMap<K, Episode>);

#[derive(Debug)]
struct Episode {
    began: Timestamp,
    last: Timestamp,
    count: u64,
    calm: u32,
}

impl Episode {
    fn ended(&self) -> Phase {
        let seconds = (self.last.as_nanos() - self.began.as_nanos()).div_euclid(NANOS_PER_SECOND);
        Phase::Ended { count: self.count, seconds: u64::try_from(seconds).unwrap_or(0) }
    }
}

impl<K> Default for Episodes<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Episodes<K> {
    /// Takes in what is new of some, and gives those that begin by it, and those that are over.
    pub(crate) fn update(
        &mut self,
        new: impl IntoIterator<Item = (K, u64)>,
        now: Timestamp,
    ) -> Vec<(K, Phase)> {
        let mut changes = Vec::new();
        for episode in self.0.values_mut() {
            episode.calm += 1;
        }
        for (key, count) in new.into_iter().filter(|(_, count)| *count > 0) {
            let episode = self.0.entry(key.clone()).or_insert_with(|| {
                changes.push((key, Phase::Began { count }));
                Episode { began: now, last: now, count: 0, calm: 0 }
            });
            episode.count += count;
            episode.last = now;
            episode.calm = 0;
        }
        changes.extend(self.end_those(|episode| episode.calm >= CALM));
        changes
    }

    /// Ends all that are under way.
    pub(crate) fn finish(&mut self) -> Vec<(K, Phase)> {
        self.end_those(|_| true)
    }

    fn end_those(&mut self, is_over: impl Fn(&Episode) -> bool) -> Vec<(K, Phase)> {
        let over = self.0.extract_if(.., |_, episode| is_over(episode));
        over.map(|(key, episode)| (key, episode.ended())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i128) -> Timestamp {
        Timestamp::from_nanos(second * NANOS_PER_SECOND)
    }

    #[test]
    fn an_episode_is_told_when_it_begins_and_when_it_is_over() {
        let mut episodes = Episodes::default();
        assert_eq!(episodes.update([("a", 0)], at(0)), []);
        assert_eq!(episodes.update([("a", 3)], at(1)), [("a", Phase::Began { count: 3 })]);
        assert_eq!(episodes.update([("a", 4)], at(2)), []);
        for second in 3..7 {
            assert_eq!(episodes.update([], at(second)), [], "{second}");
        }
        assert_eq!(episodes.update([], at(7)), [("a", Phase::Ended { count: 7, seconds: 1 })]);
        assert_eq!(episodes.update([("a", 1)], at(8)), [("a", Phase::Began { count: 1 })]);
    }

    #[test]
    fn what_lasts_until_the_end_is_told_then() {
        let mut episodes = Episodes::default();
        episodes.update([("a", 2), ("b", 5)], at(1));
        let mut ended = episodes.finish();
        ended.sort_by_key(|(key, _)| *key);
        let expected = [2, 5].map(|count| Phase::Ended { count, seconds: 0 });
        assert_eq!(ended, [("a", expected[0]), ("b", expected[1])]);
        assert_eq!(episodes.finish(), []);
    }
}
