use std::collections::BTreeMap;

/// What the agent says of one kind of event when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Account {
    /// Made in the kernel.
    pub seen: u64,
    /// Went all the way through detection.
    pub delivered: u64,
    /// Counted in the sum of a process that floods.
    pub summarised: u64,
    /// Found no room in the ring buffer.
    pub lost_ring: u64,
    /// Could not be decoded.
    pub lost_decode: u64,
    /// Runs of programs that the kernel left out: at most one event each, and not in `seen`.
    pub skipped: u64,
}

impl Account {
    /// Whether every event is accounted for.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.seen == self.delivered + self.summarised + self.lost_ring + self.lost_decode
    }

    /// Reads the `counters` lines of the log: `… counters kind="exec" seen=1 delivered=1 …`.
    pub(crate) fn read(log: &[String]) -> BTreeMap<String, Self> {
        let lines = log.iter().filter_map(|line| Some(line.split_once(" counters ")?.1));
        lines
            .map(|line| {
                let pairs: BTreeMap<_, _> =
                    line.split_whitespace().filter_map(|pair| pair.split_once('=')).collect();
                let number = |key| pairs.get(key).and_then(|value| value.parse().ok()).unwrap_or(0);
                let kind = pairs.get("kind").map_or("", |kind| kind.trim_matches('"'));
                let account = Self {
                    seen: number("seen"),
                    delivered: number("delivered"),
                    summarised: number("summarised"),
                    lost_ring: number("lost_ring"),
                    lost_decode: number("lost_decode"),
                    skipped: number("skipped"),
                };
                (kind.to_owned(), account)
            })
            .collect()
    }
}
