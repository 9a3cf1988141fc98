//! What a figure is meant to be.

use std::fmt;

/// The most that a figure is meant to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Goal {
    pub(super) at_most: f64,
    /// What both are counted in; empty for ratios.
    pub(super) unit: &'static str,
}

/// How many times as fast as somebody else we mean to be, at least.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speed {
    pub(super) at_least: f64,
}

impl Speed {
    /// How many times as fast we are beside how many we mean to be.
    pub(super) fn verdict(self, times: f64) -> String {
        let Self { at_least } = self;
        let word = if times >= at_least { "met" } else { "missed" };
        format!("rampart is {times:.1} times as fast (goal {at_least}: {word})")
    }
}

/// How many of something we mean to manage in a time, at least.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) at_least: f64,
    /// What of, and in which time.
    pub(super) unit: &'static str,
}

impl Rate {
    /// How many we manage beside how many we mean to.
    pub(super) fn verdict(self, figure: f64) -> String {
        let Self { at_least, unit } = self;
        let word = if figure >= at_least { "met" } else { "missed" };
        format!("{figure:.0} {unit} (goal {at_least} {unit}: {word})")
    }
}

/// A figure beside its goal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdict {
    goal: Goal,
    figure: f64,
}

impl Goal {
    pub(super) fn verdict(self, figure: f64) -> Verdict {
        Verdict { goal: self, figure }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Goal { at_most, unit } = self.goal;
        let (figure, space) = (self.figure, if unit.is_empty() { "" } else { " " });
        let word = if figure <= at_most { "met" } else { "missed" };
        write!(f, "{figure:.2}{space}{unit} (goal {at_most}{space}{unit}: {word})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Rate, Speed};

    #[test]
    fn a_goal_is_met_up_to_its_bound() {
        let goal = Goal { at_most: 1.2, unit: "µs" };
        assert_eq!(goal.verdict(1.2).to_string(), "1.20 µs (goal 1.2 µs: met)");
        assert_eq!(goal.verdict(1.21).to_string(), "1.21 µs (goal 1.2 µs: missed)");
        assert_eq!(Goal { at_most: 0.25, unit: "" }.verdict(0.1).to_string(), "0.10 (goal 0.25: met)");
    }

    #[test]
    fn a_speed_is_met_from_its_bound_on() {
        let speed = Speed { at_least: 30.0 };
        assert_eq!(speed.verdict(30.0), "rampart is 30.0 times as fast (goal 30: met)");
        assert_eq!(speed.verdict(29.9), "rampart is 29.9 times as fast (goal 30: missed)");
    }

    #[test]
    fn a_rate_is_met_from_its_bound_on() {
        let rate = Rate { at_least: 5000.0, unit: "findings/s" };
        assert_eq!(rate.verdict(5000.0), "5000 findings/s (goal 5000 findings/s: met)");
        assert_eq!(rate.verdict(4998.0), "4998 findings/s (goal 5000 findings/s: missed)");
    }
}
