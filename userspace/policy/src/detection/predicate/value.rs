use rampart_model::{Field, FieldType};
use regex::RegexBuilder;

use super::{Case, Comparison, Network, Pattern, Predicate, RegexFlags, Way};
use crate::{
    Fault, limit,
    reader::Reader,
    yaml::{Node, Scalar, ScalarKind},
};

/// One value of a field test.
pub(super) fn read(reader: &mut Reader, field: Field, way: Way, node: &Node) -> Option<Predicate> {
    let Some(scalar) = node.as_scalar() else {
        reader.expected(node, &format!("`{field}`"), "a value, or a list of values");
        return None;
    };
    if scalar.text.len() > limit::PATTERN_BYTES {
        let bound = limit::PATTERN_BYTES as u64;
        reader.note(node.place, Fault::TooMuch { what: "the length of a value", bound });
        return None;
    }
    let read = match (way, scalar.kind) {
        (Way::Exists, ScalarKind::Bool(true)) => Ok(Predicate::Present),
        (Way::Exists, ScalarKind::Bool(false)) | (Way::Plain(_), ScalarKind::Null) => Ok(Predicate::Absent),
        (Way::Exists, _) => Err("true or false"),
        (Way::Regex(flags), _) => match compile(flags, scalar) {
            Ok(regex) => Ok(Predicate::Regex(regex)),
            Err(fault) => {
                reader.note(node.place, fault);
                return None;
            }
        },
        (_, ScalarKind::Null) => Err("a value"),
        (Way::Network, _) => {
            Network::parse(&scalar.text).map(Predicate::Network).ok_or("a network, such as 10.0.0.0/8")
        }
        (Way::Number(comparison), _) => number(comparison, scalar),
        (Way::Text { open_start, open_end, case }, _) => text(scalar, open_start, open_end, case),
        (Way::Plain(case), _) => plain(field.field_type(), case, scalar),
    };
    match read {
        Ok(predicate) => Some(predicate),
        Err(expected) => {
            reader.expected(node, &format!("`{field}`"), expected);
            None
        }
    }
}

fn number(comparison: Comparison, scalar: &Scalar) -> Result<Predicate, &'static str> {
    let than = match scalar.kind {
        ScalarKind::Integer(number) => i64::try_from(number).ok(),
        _ => scalar.text.parse().ok(),
    };
    Ok(Predicate::Number { comparison, than: than.ok_or("a whole number")? })
}

/// A value that every text has in it would make its test hold always, which nobody means.
fn text(scalar: &Scalar, open_start: bool, open_end: bool, case: Case) -> Result<Predicate, &'static str> {
    let mut pattern = Pattern::parse(&scalar.text);
    if pattern.parts().is_empty() {
        return Err("a text that is not empty");
    }
    if open_start {
        pattern = pattern.open_start();
    }
    if open_end {
        pattern = pattern.open_end();
    }
    Ok(Predicate::Text { pattern, case })
}

fn plain(field_type: FieldType, case: Case, scalar: &Scalar) -> Result<Predicate, &'static str> {
    let pattern = || Pattern::parse(&scalar.text);
    match field_type {
        FieldType::Text => Ok(Predicate::Text { pattern: pattern(), case }),
        FieldType::Number => number(Comparison::Equal, scalar),
        FieldType::Bool => scalar.text.parse().map(Predicate::Bool).map_err(|_| "true or false"),
        FieldType::Ip => match scalar.text.parse() {
            Ok(ip) => Ok(Predicate::Ip(ip)),
            Err(_) if pattern().has_wildcard() => Ok(Predicate::Text { pattern: pattern(), case }),
            Err(_) => Err("an address; for a network, use `|cidr`"),
        },
    }
}

fn compile(flags: RegexFlags, scalar: &Scalar) -> Result<regex::Regex, Fault> {
    if scalar.text.is_empty() {
        return Err(Fault::Regex("it is empty, and would match everything".to_owned()));
    }
    RegexBuilder::new(&scalar.text)
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
