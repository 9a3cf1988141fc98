//! What the programs of `tests/peers` print, as they print it.

use serde::Deserialize;

/// Times.
#[derive(Debug, Deserialize)]
pub(super) struct Times {
    /// How many different events there are.
    pub(super) events: usize,
    /// The length of the longest command line, in bytes.
    pub(super) longest: usize,
    /// Rounds of our engine.
    pub(super) rounds: usize,
    pub(super) loads: Vec<Load>,
    pub(super) loading: Vec<Loading>,
}

/// Everybody on the same rules and events.
#[derive(Debug, Deserialize)]
pub(super) struct Load {
    pub(super) rules: usize,
    /// Whether one percent of the events match; none does otherwise.
    pub(super) matching: bool,
    pub(super) figures: Vec<Figure>,
}

/// What one engine took for one event, in nanoseconds.
#[derive(Debug, Deserialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) median: f64,
    pub(super) p99: f64,
    pub(super) per_second: f64,
    pub(super) samples: usize,
}

/// What loading the rules took, in milliseconds.
#[derive(Debug, Deserialize)]
pub(super) struct Loading {
    pub(super) name: String,
    pub(super) rules: usize,
    pub(super) parse: f64,
    pub(super) compile: f64,
}

/// Allocations for one event, in the mean.
#[derive(Debug, Deserialize)]
pub(super) struct Allocation {
    pub(super) name: String,
    pub(super) rules: usize,
    pub(super) matching: bool,
    pub(super) count: f64,
    pub(super) bytes: f64,
}

impl Times {
    /// The figures of those whose name begins so, on events that match nothing.
    pub(super) fn quiet(&self, rules: usize, name: &str) -> impl Iterator<Item = &Figure> {
        let loads = self.loads.iter().filter(move |load| load.rules == rules && !load.matching);
        let figures = loads.flat_map(|load| &load.figures);
        figures.filter(move |figure| figure.name == name || figure.name.starts_with(&format!("{name}, ")))
    }

    /// The best of them.
    pub(super) fn fastest(&self, rules: usize, name: &str) -> Option<&Figure> {
        self.quiet(rules, name).min_by(|a, b| a.median.total_cmp(&b.median))
    }

    /// The one of exactly that name.
    pub(super) fn of(&self, rules: usize, name: &str) -> Option<&Figure> {
        self.quiet(rules, name).find(|figure| figure.name == name)
    }
}
