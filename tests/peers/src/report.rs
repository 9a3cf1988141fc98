//! What the programs print: one JSON object.

use serde::Serialize;

/// Times.
#[derive(Debug, Serialize)]
pub struct Times {
    /// How many different events there are.
    pub events: usize,
    /// The length of the longest command line, in bytes.
    pub longest: usize,
    /// Rounds of the product's engine.
    pub rounds: usize,
    /// What evaluating took.
    pub loads: Vec<Load>,
    /// What loading took.
    pub loading: Vec<Loading>,
}

/// Everybody on the same rules and events.
#[derive(Debug, Serialize)]
pub struct Load {
    /// How many rules.
    pub rules: usize,
    /// Whether one percent of the events match; none does otherwise.
    pub matching: bool,
    /// What each took.
    pub figures: Vec<Figure>,
}

/// What one engine took for one event.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Who.
    pub name: &'static str,
    /// The median, in nanoseconds.
    pub median: f64,
    /// What one percent of the events took longer than.
    pub p99: f64,
    /// Events in a second, by the sum of all times.
    pub per_second: f64,
    /// How often an event was evaluated.
    pub samples: usize,
}

/// What loading took one engine.
#[derive(Debug, Serialize)]
pub struct Loading {
    /// Who.
    pub name: &'static str,
    /// How many rules.
    pub rules: usize,
    /// From text to rules, in milliseconds.
    pub parse: f64,
    /// From rules to what evaluates, in milliseconds.
    pub compile: f64,
}

/// Allocations for one event.
#[derive(Debug, Serialize)]
pub struct Allocation {
    /// Who.
    pub name: &'static str,
    /// How many rules.
    pub rules: usize,
    /// Whether one percent of the events match.
    pub matching: bool,
    /// How many in the mean.
    pub count: f64,
    /// How many bytes in the mean.
    pub bytes: f64,
}
