//! The numbers of rules. People's own rules, dashboards and active responses refer to them.

use std::{collections::BTreeMap, fmt::Write as _, ops::RangeInclusive};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What is kept for our rules, of the 100000 to 120000 that the manager leaves to others than Wazuh.
pub(super) const RANGE: RangeInclusive<u32> = 117_100..=119_899;

const HEAD: &str = "\
# The number that each of rampart's rules has in rampart_rules.xml. `cargo xtask codegen` adds new ones at the end. A number
# is given once: the line of a rule that is gone stays. After a merge with the same number twice, remove the later line.
";

/// Every number that was ever given.
#[derive(Debug)]
pub(super) struct Numbers {
    by_rule: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    ids: BTreeMap<String, u32>,
}

impl Numbers {
    /// Reads the file.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let File { ids: by_rule } = toml::from_str(text)?;
        let mut rules: BTreeMap<u32, &str> = BTreeMap::new();
        for (rule, number) in &by_rule {
            ensure!(RANGE.contains(number), "{number} of {rule} is not within {RANGE:?}");
            let other = rules.insert(*number, rule);
            ensure!(other.is_none(), "{rule} and {} have the number {number}", other.unwrap_or_default());
        }
        Ok(Self { by_rule })
    }

    /// Gives each rule that has none the next number, in their order.
    pub(super) fn give<'r>(&mut self, rules: impl Iterator<Item = &'r str>) -> Result<()> {
        let mut last = self.by_rule.values().max().copied();
        for rule in rules {
            if self.by_rule.contains_key(rule) {
                continue;
            }
            let next = last.map_or(*RANGE.start(), |last| last + 1);
            ensure!(RANGE.contains(&next), "no number is left for {rule} within {RANGE:?}");
            self.by_rule.insert(rule.to_owned(), next);
            last = Some(next);
        }
        Ok(())
    }

    /// The number of a rule.
    pub(super) fn of(&self, rule: &str) -> Result<u32> {
        self.by_rule.get(rule).copied().with_context(|| format!("{rule} has no number"))
    }

    /// The file, by number: what is new stands at the end, where two branches that add rules meet in a conflict.
    pub(super) fn render(&self) -> String {
        let mut lines: Vec<(u32, &str)> =
            self.by_rule.iter().map(|(rule, number)| (*number, rule.as_str())).collect();
        lines.sort_unstable();
        let mut out = format!("{HEAD}\n[ids]\n");
        for (number, rule) in lines {
            writeln!(out, "\"{rule}\" = {number}").unwrap_or_default();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, RANGE};

    const KEPT: &str = "[ids]\n\"gone\" = 117103\n\"old\" = 117101\n";

    fn given(text: &str, rules: &[&str]) -> anyhow::Result<Numbers> {
        let mut numbers = Numbers::parse(text)?;
        numbers.give(rules.iter().copied())?;
        Ok(numbers)
    }

    #[test]
    fn a_number_is_kept_and_that_of_a_rule_that_is_gone_is_never_given_again() {
        let numbers = given(KEPT, &["new", "old", "newer"]).unwrap();
        for (rule, number) in [("old", 117_101), ("new", 117_104), ("newer", 117_105), ("gone", 117_103)] {
            assert_eq!(numbers.of(rule).unwrap(), number, "{rule}");
        }
        assert!(numbers.of("other").is_err());
    }

    #[test]
    fn the_order_of_rules_does_not_change_what_was_given() {
        let first = given("[ids]", &["a", "b", "c"]).unwrap().render();
        assert_eq!(given(&first, &["c", "a"]).unwrap().render(), first);
        assert!(first.ends_with("\"a\" = 117100\n\"b\" = 117101\n\"c\" = 117102\n"), "{first}");
    }

    #[test]
    fn what_would_give_one_number_twice_is_refused() {
        let full = format!("[ids]\n\"last\" = {}\n", RANGE.end());
        assert!(given(&full, &["last"]).is_ok());
        for (text, rule) in [
            (full.as_str(), "new"),
            ("[ids]\n\"a\" = 117100\n\"b\" = 117100\n", "a"),
            ("[ids]\n\"a\" = 100100\n", "a"),
            ("[ids]\n[more]\n", "a"),
            ("", "a"),
        ] {
            assert!(given(text, &[rule]).is_err(), "{text}");
        }
    }
}
