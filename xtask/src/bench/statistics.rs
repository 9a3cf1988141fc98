//! Figures of several rounds made into one.

/// The middle one of them, or the mean of the two in the middle.
pub(super) fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get((sorted.len() / 2).checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// One contender beside the bare machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    /// The median of its rounds.
    pub(super) median: f64,
    /// Its best round and its worst, which show how quiet the machine was.
    pub(super) least: f64,
    pub(super) most: f64,
    /// The median of what it takes more than the bare machine in the same round.
    pub(super) added: f64,
    /// The median of how many times as long it takes as the bare machine in the same round.
    pub(super) ratio: f64,
}

/// Compares round by round: what slows the whole machine down for a while then slows both of a pair.
pub(super) fn compare(own: &[f64], bare: &[f64]) -> Option<Comparison> {
    let pairs = || own.iter().zip(bare);
    let added: Vec<f64> = pairs().map(|(own, bare)| own - bare).collect();
    let ratios: Vec<f64> = pairs().map(|(own, bare)| own / bare).collect();
    Some(Comparison {
        median: median(own)?,
        least: own.iter().copied().reduce(f64::min)?,
        most: own.iter().copied().reduce(f64::max)?,
        added: median(&added)?,
        ratio: median(&ratios)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{compare, median};

    #[track_caller]
    fn check(figures: &[f64], expected: &str) {
        assert_eq!(format!("{:?}", median(figures)), expected);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        check(&[], "None");
        check(&[7.0], "Some(7.0)");
        check(&[9.0, 1.0, 5.0], "Some(5.0)");
        check(&[9.0, 1.0, 5.0, 6.0], "Some(5.5)");
    }

    #[test]
    fn a_slow_round_of_both_does_not_matter() {
        let comparison = compare(&[12.0, 60.0, 13.0], &[10.0, 50.0, 10.0]).unwrap();
        assert_eq!(
            format!("{comparison:?}"),
            "Comparison { median: 13.0, least: 12.0, most: 60.0, added: 3.0, ratio: 1.2 }"
        );
    }

    #[test]
    fn nothing_is_compared_with_nothing() {
        assert!(compare(&[], &[1.0]).is_none());
        assert!(compare(&[1.0], &[]).is_none());
    }
}
