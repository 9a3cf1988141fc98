//! What a detection means, with no thought to speed: characters one by one, every test of every selection.

use rampart_model::{Field, Record, Value};
use rampart_policy::{
    Anchor, Case, Comparison, Condition, Detection, FieldTest, Part, Predicate, Quantifier, Selection,
    Subject,
};

pub(crate) fn matches(detection: &Detection, event: &Record) -> bool {
    condition(&detection.condition, &detection.selections, event)
}

fn condition(wanted: &Condition, selections: &[Selection], event: &Record) -> bool {
    match wanted {
        Condition::Selection(number) => {
            let mut alternatives =
                selections.get(*number).into_iter().flat_map(|selection| &selection.alternatives);
            alternatives.any(|tests| tests.iter().all(|test| holds(test, event)))
        }
        Condition::All(parts) => parts.iter().all(|part| condition(part, selections, event)),
        Condition::Any(parts) => parts.iter().any(|part| condition(part, selections, event)),
        Condition::Not(part) => !condition(part, selections, event),
    }
}

fn holds(test: &FieldTest, event: &Record) -> bool {
    let mut each = test.predicates.iter().map(|predicate| match test.subject {
        Subject::Field(field) => of_field(predicate, field, event),
        Subject::Anything => Field::ALL.iter().any(|field| of_field(predicate, *field, event)),
        // Every event here is of the first hour of 1970.
        Subject::Time(_) => {
            matches!(predicate, Predicate::Number { comparison, than } if number(0, *comparison, *than))
        }
    });
    let holds = match test.quantifier {
        Quantifier::Any => each.any(|holds| holds),
        Quantifier::All => each.all(|holds| holds),
    };
    if test.negated { !holds } else { holds }
}

fn of_field(predicate: &Predicate, field: Field, event: &Record) -> bool {
    let value = event.get(field);
    let texts: Vec<String> = texts(value);
    match predicate {
        Predicate::Absent => value.is_none(),
        Predicate::Present => value.is_some(),
        Predicate::Text { pattern, case } => {
            texts.iter().any(|text| fits(pattern.parts(), &characters(text), *case))
        }
        Predicate::Regex(regex) => texts.iter().any(|text| regex.is_match(text)),
        Predicate::Number { comparison, than } => {
            matches!(value, Some(Value::Number(value)) if number(*value, *comparison, *than))
        }
        Predicate::Bool(expected) => value == Some(&Value::Bool(*expected)),
        Predicate::Ip(expected) => value == Some(&Value::Ip(*expected)),
        Predicate::Network(network) => matches!(value, Some(Value::Ip(ip)) if network.contains(*ip)),
        Predicate::SameAs { field, anchor, case } => {
            let others = self::texts(event.get(*field));
            texts.iter().any(|text| others.iter().any(|other| has(text, other, *anchor, *case)))
        }
    }
}

fn texts(value: Option<&Value<'static>>) -> Vec<String> {
    match value {
        None => Vec::new(),
        Some(Value::Texts(texts)) => texts.iter().map(str::to_owned).collect(),
        Some(value) => vec![value.as_text().into_owned()],
    }
}

fn has(text: &str, other: &str, anchor: Anchor, case: Case) -> bool {
    let (start, end) = match anchor {
        Anchor::Whole => (false, false),
        Anchor::Start => (false, true),
        Anchor::End => (true, false),
        Anchor::Anywhere => (true, true),
    };
    let many = |open: bool| open.then_some(Part::Many);
    let middle = (!other.is_empty()).then(|| Part::Text(other.into()));
    let parts: Vec<_> = [many(start), middle, many(end)].into_iter().flatten().collect();
    fits(&parts, &characters(text), case)
}

fn characters(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn fits(parts: &[Part], text: &[char], case: Case) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Many, rest @ ..] => {
            (0..=text.len()).any(|cut| fits(rest, text.get(cut..).unwrap_or_default(), case))
        }
        [Part::One, rest @ ..] => text.split_first().is_some_and(|(_, text)| fits(rest, text, case)),
        [Part::Text(wanted), rest @ ..] => {
            let wanted = characters(wanted);
            text.split_at_checked(wanted.len()).is_some_and(|(begin, text)| {
                begin.iter().zip(&wanted).all(|(a, b)| same(*a, *b, case)) && fits(rest, text, case)
            })
        }
    }
}

/// Case is that of single letters, and a letter of ASCII is the other case of no other letter.
fn same(a: char, b: char, case: Case) -> bool {
    let lower = |c: char| {
        let lower: Vec<_> = c.to_lowercase().collect();
        match lower.as_slice() {
            [lower] if lower.is_ascii() == c.is_ascii() => *lower,
            _ => c,
        }
    };
    a == b || (case == Case::Ignored && lower(a) == lower(b))
}

fn number(value: i64, comparison: Comparison, than: i64) -> bool {
    match comparison {
        Comparison::Equal => value == than,
        Comparison::Greater => value > than,
        Comparison::GreaterOrEqual => value >= than,
        Comparison::Less => value < than,
        Comparison::LessOrEqual => value <= than,
    }
}
