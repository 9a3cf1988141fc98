//! Correlations, each with a sequence of events of its own: which of the events it fires at.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};

use crate::{
    case,
    event::{Choice as _, Event},
    peer,
    product::{self, Answers, Verdict},
};

/// How many correlations there are.
const SEQUENCES: u64 = 600;

/// Of so many percent of all events a correlation must fire.
const LEAST_SHARE: usize = 15;

/// How many differences are shown in full.
const SHOWN: usize = 6;

/// Their ids are beyond those of the rules.
const FIRST_ID: u64 = 1 << 32;

/// Kinds of correlation; those that count or add come twice.
const KINDS: [&str; 12] = [
    "event_count",
    "event_count",
    "value_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "temporal_ordered",
    "value_sum",
    "value_sum",
    "value_avg",
    "value_avg",
    "value_median",
];

struct Sequence {
    kind: &'static str,
    documents: Vec<Json>,
    events: Vec<Event>,
}

/// The sequence of a number, always the same one.
fn sequence(number: u64) -> Sequence {
    let rng = &mut Rng::with_seed(0x7365_7175 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let kind = rng.one_of(KINDS);
    let rules = if kind.starts_with("temporal") { rng.usize(2..4) } else { rng.one_of([1, 1, 2]) };
    let span = rng.one_of(["30s", "2m", "1h", "1d"]);
    let seconds = match span {
        "30s" => 30,
        "2m" => 120,
        "1h" => 3_600,
        _ => 86_400,
    };
    let id = |rule: usize| case::id(FIRST_ID + number * 16 + rule as u64);
    let mark = |rule: usize| format!("sequence {number} rule {rule} ");
    let mut documents: Vec<Json> = (1..=rules)
        .map(|rule| {
            let selection = json!({ "CommandLine|startswith": mark(rule) });
            let detection = std::iter::once(("selection".to_owned(), selection)).collect();
            let mut document = case::rule(&id(rule), "process_creation", detection, json!("selection"));
            document["name"] = json!(name(number, rule));
            document
        })
        .collect();
    documents.push(json!({
        "title": format!("Sequence {number}"),
        "id": id(0),
        "description": "Made to be compared.",
        "level": "low",
        "generate": rng.u32(0..4) == 0,
        "correlation": correlation(rng, kind, number, &(1..=rules).map(id).collect::<Vec<_>>(), span),
    }));
    let mut time = 1_800_000_000 + number * 100 * 86_400;
    let events = (0..rng.usize(6..16)).map(|_| {
        // Now and then exactly as far as the span goes, and one second further.
        time += rng.one_of([1, 2, seconds / 6 + 1, seconds / 3, seconds / 2, seconds, seconds + 1]);
        let rule = rng.usize(0..=rules);
        event(rng, time, &if rule == 0 { "something else ".to_owned() } else { mark(rule) })
    });
    let events = events.collect();
    Sequence { kind, documents, events }
}

fn name(number: u64, rule: usize) -> String {
    format!("rule_{number}_{rule}")
}

fn correlation(rng: &mut Rng, kind: &str, number: u64, rules: &[String], span: &str) -> Json {
    let mut correlation = json!({ "type": kind, "rules": rules, "timespan": span });
    correlation["group-by"] = match rng.u32(0..4) {
        0 => json!(["User", "Image"]),
        1 => {
            // The one rule's user is the other's process.
            let fields = (1..=rules.len())
                .map(|rule| (name(number, rule), json!(if rule % 2 == 1 { "User" } else { "process.name" })));
            correlation["aliases"] = json!({ "who": fields.collect::<Map<_, _>>() });
            json!(["who"])
        }
        // Which half of the events has.
        2 => json!(["container.id"]),
        _ => json!(["User"]),
    };
    let condition = match kind {
        "temporal" if rng.u32(0..3) == 0 => Some(json!(over_rules(rng, rules))),
        "temporal" => Some(bounds(rng, rules.len() as u64 - 1, 1)),
        // All of them, which is what it asks for without one.
        "temporal_ordered" => None,
        "value_count" => {
            let mut bounds = bounds(rng, 2, 1);
            bounds["field"] = if rng.bool() { json!("Image") } else { json!(["Image", "CurrentDirectory"]) };
            Some(bounds)
        }
        "event_count" => Some(bounds(rng, 2, 1)),
        _ => {
            let mut bounds = bounds(rng, if kind == "value_sum" { 250 } else { 100 }, 40);
            bounds["field"] = json!("user.id");
            Some(bounds)
        }
    };
    if let Some(condition) = condition {
        correlation["condition"] = condition;
    }
    correlation
}

/// The extended form: which of the rules must have matched.
fn over_rules(rng: &mut Rng, rules: &[String]) -> String {
    let (last, others) = rules.split_last().expect("there are at least two");
    let text = rng.one_of(["and", "or", "and not"]);
    format!("({}) {text} {last}", others.join(" or "))
}

/// Bounds near a number that is reached now and then.
fn bounds(rng: &mut Rng, near: u64, step: u64) -> Json {
    match rng.u32(0..8) {
        0 | 1 => json!({ "gte": near + rng.u64(0..2) * step }),
        2 | 3 => json!({ "gt": near }),
        4 => json!({ "gte": near, "lt": near + 2 * step }),
        5 => json!({ "eq": near }),
        6 => json!({ "neq": near }),
        _ => json!({ "lte": near }),
    }
}

fn event(rng: &mut Rng, seconds: u64, mark: &str) -> Event {
    let event = json!({
        "category": "process_creation",
        "@timestamp": time(seconds),
        "CommandLine": format!("{mark}{}", rng.u32(..)),
        "Image": rng.one_of(["/bin/a", "/bin/b", "/bin/c"]),
        "CurrentDirectory": rng.one_of(["/", "/tmp"]),
        "User": rng.one_of(["root", "web"]),
        "process.name": rng.one_of(["root", "web"]),
        "user.id": rng.one_of([0, 40, 100, 140, 200]),
    });
    let Json::Object(mut event) = event else { unreachable!("it is written as one") };
    if rng.bool() {
        event.insert("container.id".to_owned(), json!(rng.one_of(["c0ffee", "beef"])));
    }
    event
}

/// Seconds since 1970 as RFC 3339 has them.
fn time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's way from days to a date, for years after 1970.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[test]
fn every_correlation_fires_when_the_peers_does() {
    let sequences: Vec<_> = (0..SEQUENCES).map(sequence).collect();
    let events: Vec<&Event> = sequences.iter().flat_map(|sequence| &sequence.events).collect();
    let files: Vec<_> = sequences.iter().map(|sequence| sequence.documents.clone()).collect();
    let theirs = peer::ask_in_order(&files.concat(), &events).expect("the peer takes every correlation");
    let Verdict { answers: ours, refusals } = product::ask(&files, &events);
    print_shares(&sequences, &theirs);
    let differing: BTreeSet<usize> = ours.symmetric_difference(&theirs).map(|(place, _)| *place).collect();
    assert!(refusals.is_empty() && differing.is_empty(), "{}", report(&sequences, &refusals, &ours, &theirs));
}

fn print_shares(sequences: &[Sequence], answers: &Answers) {
    let (mut events, mut fired) = (0, 0);
    let mut kinds = std::collections::BTreeMap::<_, usize>::new();
    for sequence in sequences {
        let places = events..events + sequence.events.len();
        events = places.end;
        let id = correlation_id(sequence);
        let own = places.filter(|place| answers.contains(&(*place, id.to_owned()))).count();
        fired += own;
        *kinds.entry(sequence.kind).or_default() += own;
    }
    let share = fired * 100 / events;
    println!(
        "{} sequences, {events} events, correlations fire at {share} % of them: {kinds:?}",
        sequences.len()
    );
    assert!(share >= LEAST_SHARE && kinds.values().all(|fired| *fired >= 10), "too few correlations fire");
}

fn correlation_id(sequence: &Sequence) -> &str {
    sequence.documents.last().and_then(|last| last["id"].as_str()).expect("the correlation stands last")
}

fn report(sequences: &[Sequence], refusals: &[String], ours: &Answers, theirs: &Answers) -> String {
    let mut lines = vec![format!("{} refusals", refusals.len())];
    lines.extend(refusals.iter().take(SHOWN).cloned());
    let (mut from, mut shown) = (0, 0);
    for sequence in sequences {
        let places = from..from + sequence.events.len();
        from = places.end;
        let of = |answers: &Answers| -> Vec<(usize, String)> {
            let own = answers.iter().filter(|(place, _)| places.contains(place));
            own.map(|(place, id)| (place - places.start, id.clone())).collect()
        };
        let (own, other) = (of(ours), of(theirs));
        if own == other || shown == SHOWN {
            continue;
        }
        shown += 1;
        lines.extend(sequence.documents.last().map(ToString::to_string));
        lines.extend(sequence.events.iter().map(|event| serde_json::to_string(event).expect("JSON")));
        lines.push(format!("ours:   {own:?}\ntheirs: {other:?}"));
    }
    lines.join("\n")
}
