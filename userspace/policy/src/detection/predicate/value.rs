use rampart_model::{Field, FieldType};
use regex::RegexBuilder;

use super::{
    Anchor, Case, Comparison, Network, Pattern, Predicate, Subject,
    draft::{Draft, Trouble},
    expand::Into,
    plan::{Plan, RegexFlags, Way},
    subject::comparable,
};
use crate::{
    Fault,
    detection::wildcard::Part,
    limit,
    reader::{Reader, short},
    yaml::{Node, Scalar, ScalarKind},
};

/// What one value of a field test comes to: one predicate, or several of which one must hold. Never empty.
pub(super) fn read(reader: &mut Reader, plan: &Plan, node: &Node) -> Option<Vec<Predicate>> {
    let what = plan.subject.quoted();
    let Some(scalar) = node.as_scalar() else {
        let expected = if plan.way == Way::Exists { "true or false" } else { "a value, or a list of values" };
        reader.expected(node, &what, expected);
        return None;
    };
    match predicates(reader, plan, scalar) {
        Ok(predicates) => Some(predicates),
        Err(Trouble::Expected(expected)) => {
            reader.expected(node, &what, expected);
            None
        }
        Err(Trouble::Fault(fault)) => {
            reader.note(node.place, fault);
            None
        }
    }
}

fn predicates(reader: &mut Reader, plan: &Plan, scalar: &Scalar) -> Result<Vec<Predicate>, Trouble> {
    if scalar.text.len() > limit::PATTERN_BYTES {
        return Err(Trouble::too_much("the length of a value", limit::PATTERN_BYTES));
    }
    match (plan.way, scalar.kind) {
        (Way::Exists, ScalarKind::Bool(true)) => return Ok(vec![Predicate::Present]),
        (Way::Exists, ScalarKind::Bool(false)) => return Ok(vec![Predicate::Absent]),
        (Way::Exists, _) => return Err("true or false".into()),
        (Way::Plain(_), ScalarKind::Null) if plan.steps.is_empty() => return Ok(vec![Predicate::Absent]),
        (_, ScalarKind::Null) => return Err("a value".into()),
        _ => {}
    }
    let into = if matches!(plan.way, Way::Regex(_)) { Into::Regex } else { Into::Value };
    let drafts = Draft::make(reader, &plan.steps, into, scalar)?;
    let predicates = drafts.iter().map(|draft| {
        predicate(reader, plan, draft).map_err(|trouble| match trouble {
            // It is a value of a placeholder's that is wrong, and it stands somewhere else.
            Trouble::Expected(expected) if *draft.text() != *scalar.text => {
                let (what, found) = (plan.subject.quoted(), format!("`{}`", short(&draft.text())));
                Fault::Expected { what, expected, found }.into()
            }
            trouble => trouble,
        })
    });
    predicates.collect()
}

fn predicate(reader: &Reader, plan: &Plan, draft: &Draft) -> Result<Predicate, Trouble> {
    let text = draft.text();
    Ok(match (plan.way, plan.subject) {
        (Way::Regex(flags), _) => Predicate::Regex(compile(flags, &text)?),
        (Way::Network, _) => {
            Predicate::Network(Network::parse(&text).ok_or("a network, such as 10.0.0.0/8 or fd00::/8")?)
        }
        (Way::Number(comparison), Subject::Time(part)) => {
            let (range, expected) = part.range();
            let than = whole_number(draft).filter(|number| range.contains(number)).ok_or(expected)?;
            Predicate::Number { comparison, than }
        }
        (Way::Number(comparison), _) => number(comparison, draft)?,
        (Way::SameAs { anchor, case }, Subject::Field(field)) => same_as(reader, field, anchor, case, &text)?,
        (Way::Plain(case), Subject::Field(field)) => plain(field.field_type(), case, draft)?,
        (Way::Plain(case), _) => open(draft.pattern(), Anchor::Anywhere, case)?,
        (Way::Text { anchor, case }, Subject::Anything) => {
            let pattern = draft.pattern();
            if !pattern.parts().iter().any(|part| matches!(part, Part::Text(_))) {
                return Err("a text that not every event has".into());
            }
            open(pattern, anchor, case)?
        }
        (Way::Text { anchor, case }, _) => open(draft.pattern(), anchor, case)?,
        (Way::Exists | Way::SameAs { .. }, _) => return Err("a value of a field".into()),
    })
}

fn whole_number(draft: &Draft) -> Option<i64> {
    match draft {
        Draft::Written { kind: ScalarKind::Integer(number), .. } => i64::try_from(*number).ok(),
        _ => draft.text().parse().ok(),
    }
}

fn number(comparison: Comparison, draft: &Draft) -> Result<Predicate, &'static str> {
    Ok(Predicate::Number { comparison, than: whole_number(draft).ok_or("a whole number")? })
}

/// A value that every text has in it would make its test hold always, which nobody means.
fn open(mut pattern: Pattern, anchor: Anchor, case: Case) -> Result<Predicate, &'static str> {
    if pattern.parts().is_empty() {
        return Err("a text that is not empty");
    }
    if matches!(anchor, Anchor::End | Anchor::Anywhere) {
        pattern = pattern.open_start();
    }
    if matches!(anchor, Anchor::Start | Anchor::Anywhere) {
        pattern = pattern.open_end();
    }
    Ok(Predicate::Text { pattern, case })
}

fn plain(field_type: FieldType, case: Case, draft: &Draft) -> Result<Predicate, &'static str> {
    let pattern = draft.pattern();
    let text = draft.text();
    match field_type {
        FieldType::Bool => text.parse().map(Predicate::Bool).map_err(|_| "true or false"),
        FieldType::Number | FieldType::Ip if pattern.has_wildcard() => Ok(Predicate::Text { pattern, case }),
        FieldType::Text => Ok(Predicate::Text { pattern, case }),
        FieldType::Number => number(Comparison::Equal, draft),
        FieldType::Ip => {
            text.parse().map(Predicate::Ip).map_err(|_| "an address; for a network, use `|cidr`")
        }
    }
}

fn same_as(
    reader: &Reader,
    field: Field,
    anchor: Anchor,
    case: Case,
    name: &str,
) -> Result<Predicate, Trouble> {
    let other = reader.field(name)?;
    if other == field {
        return Err("the name of another field".into());
    }
    if !comparable(field, other) {
        return Err("the name of a field that can have the same value".into());
    }
    Ok(Predicate::SameAs { field: other, anchor, case })
}

fn compile(flags: RegexFlags, text: &str) -> Result<regex::Regex, Fault> {
    if text.is_empty() {
        return Err(Fault::Regex("it is empty, and would match everything".to_owned()));
    }
    RegexBuilder::new(text)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .size_limit(limit::REGEX_BYTES)
        .dfa_size_limit(limit::REGEX_BYTES)
        .nest_limit(limit::REGEX_DEPTH)
        .build()
        .map_err(|error| explain(&error))
}

/// The library draws multi-line pictures; its last line says what is wrong.
fn explain(error: &regex::Error) -> Fault {
    let text = error.to_string();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let reason = last.trim().trim_start_matches("error: ");
    // It knows what other libraries have and it has not.
    match reason.strip_suffix(" is not supported").or_else(|| reason.strip_suffix(" are not supported")) {
        Some(what) => Fault::Unsupported {
            what: format!("{} in a regular expression", what.split(',').next().unwrap_or(what)),
            instead: "write the expression without it, or use two tests of the field",
        },
        None => Fault::Regex(reason.to_owned()),
    }
}
