//! Every rule on every event.

use std::{collections::BTreeMap, fmt};

use crate::{
    case::{self, Case},
    event::Event,
    peer,
    product::{self, Answers, Verdict, yaml},
};

/// How many rules there are, each with events of its own.
const CASES: u64 = 1500;

/// The share of a rule's own events that it must match, in percent: others would show little.
const LEAST_SHARE: usize = 25;

/// Matches of rules with it that every form must have.
const LEAST_MATCHES: usize = 3;

/// How many differences are shown in full.
const SHOWN: usize = 12;

/// The cases, and all their events one after the other.
struct Matrix {
    cases: Vec<Case>,
}

impl Matrix {
    fn new() -> Self {
        Self { cases: (1..=CASES).map(case::of).collect() }
    }

    fn events(&self) -> Vec<&Event> {
        self.cases.iter().flat_map(|case| &case.events).collect()
    }

    /// Each case with the places of its own events.
    fn own(&self) -> impl Iterator<Item = (&Case, std::ops::Range<usize>)> {
        let mut from = 0;
        self.cases.iter().map(move |case| {
            let places = from..from + case.events.len();
            from = places.end;
            (case, places)
        })
    }
}

#[test]
fn every_rule_answers_for_every_event_as_the_peer_does() {
    let matrix = Matrix::new();
    let events = matrix.events();
    let files: Vec<_> = matrix.cases.iter().map(|case| case.documents.clone()).collect();
    let theirs = peer::ask(&files.concat(), &events).expect("the peer takes every rule");
    print_shares(&matrix, &theirs);
    let Verdict { answers: ours, refusals } = product::ask(&files, &events);
    let differences = differences(&matrix, &events, &ours, &theirs);
    assert!(refusals.is_empty() && differences.is_empty(), "{}", report(&refusals, &differences));
}

/// How much there was to find, and of what.
fn print_shares(matrix: &Matrix, answers: &Answers) {
    let (mut pairs, mut matches) = (0, 0);
    let mut labels: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (case, places) in matrix.own() {
        pairs += places.len();
        let own = places.filter(|place| answers.contains(&(*place, case.id.clone()))).count();
        matches += own;
        for label in &case.labels {
            let (rules, found) = labels.entry(label).or_default();
            (*rules, *found) = (*rules + 1, *found + own);
        }
    }
    let share = matches * 100 / pairs;
    println!("{} rules, {pairs} pairs with events of their own, {share} % of them match", matrix.cases.len());
    println!("{} matches in the whole matrix", answers.len());
    for (label, (rules, found)) in &labels {
        println!("  {label}: {rules} rules, {found} matches");
    }
    assert!(share >= LEAST_SHARE, "too few pairs match to show anything: {share} %");
    let rare: Vec<_> = labels.iter().filter(|(_, (_, found))| *found < LEAST_MATCHES).collect();
    assert!(rare.is_empty(), "too few matches: {rare:?}");
}

struct Difference<'m> {
    case: &'m Case,
    event: &'m Event,
    ours: bool,
}

fn differences<'m>(
    matrix: &'m Matrix,
    events: &[&'m Event],
    ours: &Answers,
    theirs: &Answers,
) -> Vec<Difference<'m>> {
    let by_id: BTreeMap<&str, &Case> = matrix.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let differing = ours.symmetric_difference(theirs).map(|(place, rule)| Difference {
        case: by_id[rule.as_str()],
        event: events[*place],
        ours: ours.contains(&(*place, rule.clone())),
    });
    differing.collect()
}

/// The shortest rules first: they say best what it is about.
fn report(refusals: &[String], differences: &[Difference<'_>]) -> String {
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for label in differences.iter().flat_map(|difference| &difference.case.labels) {
        *labels.entry(label).or_default() += 1;
    }
    let mut shown: Vec<_> = differences.iter().collect();
    shown.sort_by_key(|difference| (yaml(&difference.case.documents).len(), &difference.case.id));
    shown.dedup_by_key(|difference| &difference.case.id);
    let head = format!("{} refusals, {} differences", refusals.len(), differences.len());
    let mut lines = vec![head];
    lines.extend(refusals.iter().take(SHOWN).cloned());
    lines.push(format!("by label: {labels:?}"));
    lines.extend(shown.into_iter().take(SHOWN).map(ToString::to_string));
    lines.join("\n")
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for document in &self.case.documents {
            writeln!(f, "{}", essence(document))?;
        }
        let event = serde_json::to_string(self.event).expect("JSON");
        write!(f, "  {event}\n  ours: {}, theirs: {}", self.ours, !self.ours)
    }
}

/// What of a document says what it looks for.
fn essence(document: &serde_json::Value) -> &serde_json::Value {
    document.get("detection").or_else(|| document.get("filter")).unwrap_or(document)
}
