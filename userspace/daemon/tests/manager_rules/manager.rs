//! A manager as far as its rules go: which of them an event matches.

use std::cmp::Reverse;

use crate::{
    arrival::Arrival,
    ruleset::{History, Rule},
};

/// Has the rules, and remembers what came.
pub(crate) struct Manager {
    rules: Vec<Rule>,
    seen: Vec<(Arrival, String)>,
}

impl Manager {
    pub(crate) const fn new(rules: Vec<Rule>) -> Self {
        Self { rules, seen: Vec::new() }
    }

    /// The rule that an event is told by; it is remembered.
    pub(crate) fn receive(&mut self, arrival: Arrival) -> Option<&Rule> {
        let id = self.judge(&arrival)?.id;
        let rule = self.rules.iter().find(|rule| rule.id == id)?;
        self.seen.push((arrival, rule.groups.clone()));
        Some(rule)
    }

    /// The same, and not remembered.
    pub(crate) fn judge(&self, arrival: &Arrival) -> Option<&Rule> {
        let is_top = |rule: &&Rule| rule.parents.is_empty() && rule.history.is_none();
        self.first(self.rules.iter().filter(is_top), arrival)
    }

    /// Level 0 first, then the highest level, of one level the first in the file.
    fn first<'r>(&'r self, rules: impl Iterator<Item = &'r Rule>, arrival: &Arrival) -> Option<&'r Rule> {
        let mut rules: Vec<_> = rules.collect();
        rules.sort_by_key(|rule| (rule.level != 0, Reverse(rule.level)));
        rules.into_iter().find_map(|rule| self.descend(rule, arrival))
    }

    /// What is below a rule that matches is told instead of it.
    fn descend<'r>(&'r self, rule: &'r Rule, arrival: &Arrival) -> Option<&'r Rule> {
        if !self.matches(rule, arrival) {
            return None;
        }
        let is_below = |other: &&Rule| match &other.history {
            Some(history) => rule.id != other.id && rule.groups().any(|group| group == history.group),
            None => other.parents.contains(&rule.id),
        };
        Some(self.first(self.rules.iter().filter(is_below), arrival).unwrap_or(rule))
    }

    fn matches(&self, rule: &Rule, arrival: &Arrival) -> bool {
        rule.decoder.as_deref().is_none_or(|decoder| decoder == "json")
            && rule.location.as_ref().is_none_or(|wanted| wanted.is_match(arrival.location.as_bytes()))
            && rule.fields.iter().all(|(name, pattern)| {
                arrival.fields.get(name).is_some_and(|value| pattern.is_match(value.as_bytes()).unwrap())
            })
            && rule.history.as_ref().is_none_or(|history| self.came_before(history, arrival))
    }

    fn came_before(&self, history: &History, arrival: &Arrival) -> bool {
        let is_same =
            |name: &String, other: &Arrival| match (arrival.fields.get(name), other.fields.get(name)) {
                (Some(one), Some(other)) => Some(one == other),
                _ => None,
            };
        let counts = |(other, groups): &&(Arrival, String)| {
            other.seconds + history.seconds >= arrival.seconds
                && groups.split(',').any(|group| group == history.group)
                && (history.global || other.agent == arrival.agent)
                && history.same.iter().all(|name| is_same(name, other) == Some(true))
                && history.different.iter().all(|name| is_same(name, other) == Some(false))
        };
        self.seen.iter().filter(counts).count() + 1 >= history.events
    }
}
