//! In which order things that need one another can be made.

use std::collections::BTreeSet;

/// Numbers of things.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// Each behind those that it needs; else in their own order.
    pub(super) good: Vec<usize>,
    /// Those that need themselves, by way of others or not, and those between two such circles.
    pub(super) circular: BTreeSet<usize>,
    /// The rest, which need some of these; in an order of theirs.
    pub(super) behind_circles: Vec<usize>,
}

/// `needs` says for every thing which others it needs.
pub(super) fn of(needs: &[BTreeSet<usize>]) -> Order {
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (number, needs) in needs.iter().enumerate() {
        for need in needs {
            if let Some(needed_by) = needed_by.get_mut(*need) {
                needed_by.push(number);
            }
        }
    }
    let all: BTreeSet<usize> = (0..needs.len()).collect();
    let good = peel(
        &all,
        |number| needs.get(number).into_iter().flatten(),
        |n| needed_by.get(n).into_iter().flatten(),
    );
    let mut left = all;
    for number in &good {
        left.remove(number);
    }
    let mut behind_circles = peel(
        &left,
        |n| needed_by.get(n).into_iter().flatten(),
        |number| needs.get(number).into_iter().flatten(),
    );
    behind_circles.reverse();
    for number in &behind_circles {
        left.remove(number);
    }
    Order { good, circular: left, behind_circles }
}

/// Takes away again and again the first of those that wait for nothing that is left.
fn peel<'a, Waits, Frees>(
    things: &BTreeSet<usize>,
    waits_for: impl Fn(usize) -> Waits,
    frees: impl Fn(usize) -> Frees,
) -> Vec<usize>
where
    Waits: Iterator<Item = &'a usize>,
    Frees: Iterator<Item = &'a usize>,
{
    let mut waiting: std::collections::HashMap<usize, usize> = things
        .iter()
        .map(|number| (*number, waits_for(*number).filter(|other| things.contains(other)).count()))
        .collect();
    let mut ready: BTreeSet<usize> =
        things.iter().copied().filter(|number| waiting.get(number) == Some(&0)).collect();
    let mut taken = Vec::new();
    while let Some(number) = ready.pop_first() {
        taken.push(number);
        for freed in frees(number) {
            let Some(count) = waiting.get_mut(freed) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                ready.insert(*freed);
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first_and_circles_are_found() {
        for (needs, good, circular, behind) in [
            (vec![], vec![], vec![], vec![]),
            (vec![vec![2], vec![], vec![1]], vec![1, 2, 0], vec![], vec![]),
            (vec![vec![0]], vec![], vec![0], vec![]),
            // 0 needs 1, which needs 2, which needs 1; 3 is free and 4 needs it.
            (vec![vec![1], vec![2], vec![1], vec![], vec![3]], vec![3, 4], vec![1, 2], vec![0]),
            (vec![vec![1], vec![2], vec![3], vec![2]], vec![], vec![2, 3], vec![1, 0]),
        ] {
            let needs: Vec<BTreeSet<usize>> = needs.into_iter().map(|n| n.into_iter().collect()).collect();
            let circular = circular.into_iter().collect();
            assert_eq!(of(&needs), Order { good, circular, behind_circles: behind });
        }
    }
}
