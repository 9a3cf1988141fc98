use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use prometheus::{CounterVec, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec};

/// Most series of one metric. Some labels' values come from outside: ids of rules, words of a manager.
pub(super) const LABEL_SETS: usize = 1000;

/// What stands for all label values beyond the bound.
const OTHER: &str = "other";

/// Which label values have a series.
#[derive(Debug)]
struct Bound {
    /// By their hash: two that have the same count as one, and the bound still holds to within that.
    known: Mutex<HashSet<u64>>,
    /// What found no room.
    refused: IntCounter,
}

impl Bound {
    fn new(refused: IntCounter) -> Self {
        Self { known: Mutex::default(), refused }
    }

    fn has_room(&self, labels: &[&str]) -> bool {
        let hash = hash(labels);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(&hash) {
            return true;
        }
        if known.len() < LABEL_SETS {
            return known.insert(hash);
        }
        drop(known);
        self.refused.inc();
        false
    }

    fn forget(&self, labels: &[&str]) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(labels));
    }
}

fn hash(labels: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    hasher.finish()
}

/// Counters by label.
#[derive(Debug)]
pub(super) struct Counters {
    metric: IntCounterVec,
    bound: Bound,
}

impl Counters {
    pub(super) fn new(metric: IntCounterVec, refused: IntCounter) -> Self {
        Self { metric, bound: Bound::new(refused) }
    }

    /// Adds to one, or to what stands for the rest.
    pub(super) fn add(&self, labels: &[&str], more: u64) {
        if self.bound.has_room(labels) {
            self.metric.with_label_values(labels).inc_by(more);
        } else {
            self.metric.with_label_values(&vec![OTHER; labels.len()]).inc_by(more);
        }
    }

    /// Sets one to a total.
    pub(super) fn raise(&self, labels: &[&str], total: u64) {
        if self.bound.has_room(labels) {
            raise(&self.metric.with_label_values(labels), total);
        }
    }
}

/// Sets a counter to a total; it never falls.
pub(super) fn raise(metric: &IntCounter, total: u64) {
    metric.inc_by(total.saturating_sub(metric.get()));
}

/// Counters of seconds by label.
#[derive(Debug)]
pub(super) struct Seconds {
    metric: CounterVec,
    bound: Bound,
}

impl Seconds {
    pub(super) fn new(metric: CounterVec, refused: IntCounter) -> Self {
        Self { metric, bound: Bound::new(refused) }
    }

    /// Sets one to a total.
    pub(super) fn raise(&self, labels: &[&str], total: Duration) {
        if self.bound.has_room(labels) {
            let metric = self.metric.with_label_values(labels);
            metric.inc_by((total.as_secs_f64() - metric.get()).max(0.0));
        }
    }
}

/// Gauges by label.
#[derive(Debug)]
pub(super) struct Gauges {
    metric: IntGaugeVec,
    bound: Bound,
}

impl Gauges {
    pub(super) fn new(metric: IntGaugeVec, refused: IntCounter) -> Self {
        Self { metric, bound: Bound::new(refused) }
    }

    pub(super) fn set(&self, labels: &[&str], value: u64) {
        if self.bound.has_room(labels) {
            self.metric.with_label_values(labels).set(value.try_into().unwrap_or(i64::MAX));
        }
    }

    /// Takes one away.
    pub(super) fn remove(&self, labels: &[&str]) {
        // One that is not there is away already.
        self.metric.remove_label_values(labels).unwrap_or_default();
        self.bound.forget(labels);
    }
}

/// Histograms by label.
#[derive(Debug)]
pub(super) struct Histograms {
    metric: HistogramVec,
    bound: Bound,
}

impl Histograms {
    pub(super) fn new(metric: HistogramVec, refused: IntCounter) -> Self {
        Self { metric, bound: Bound::new(refused) }
    }

    pub(super) fn observe(&self, labels: &[&str], took: Duration) {
        if self.bound.has_room(labels) {
            self.metric.with_label_values(labels).observe(took.as_secs_f64());
        }
    }
}
