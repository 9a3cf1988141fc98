/// What there is of a metric whether or not it has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// How its value moves.
    pub kind: MetricKind,
    /// Names of its labels.
    pub labels: Vec<&'static str>,
    /// What it says, in one sentence or two.
    pub help: &'static str,
}

/// Prometheus's types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Goes up only.
    Counter,
    /// Is what it is now.
    Gauge,
    /// How many observations were at most so large.
    Histogram,
}

impl MetricKind {
    /// As Prometheus writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}
