//! What a figure is meant to be.

use std::fmt;

/// The most that a figure is meant to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Goal {
    pub(super) at_most: f64,
    /// What both are counted in; empty for ratios.
    pub(super) unit: &'static str,
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
    use super::Goal;

    #[test]
    fn a_goal_is_met_up_to_its_bound() {
        let goal = Goal { at_most: 1.2, unit: "µs" };
        assert_eq!(goal.verdict(1.2).to_string(), "1.20 µs (goal 1.2 µs: met)");
        assert_eq!(goal.verdict(1.21).to_string(), "1.21 µs (goal 1.2 µs: missed)");
        assert_eq!(Goal { at_most: 0.25, unit: "" }.verdict(0.1).to_string(), "0.10 (goal 0.25: met)");
    }
}
