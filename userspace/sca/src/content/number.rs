//! `n:EXPRESSION compare OPERATOR NUMBER`: a number of the line against one of the policy.

use std::{cmp::Ordering, sync::Arc};

use rampart_pattern::{Dialect, Pattern};

use super::Unknown;
use crate::Fault;

/// A comparison of the number that the expression's first group takes.
#[derive(Debug)]
pub(super) struct Number {
    text: Arc<str>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Comparison {
        pattern: Pattern,
        // Wazuh looks at the comparison only when the expression matches.
        bound: Result<Bound, &'static str>,
    },
    /// It is never known what it says, for that reason.
    Unusable(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bound {
    operator: Operator,
    number: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    AtMost,
    AtLeast,
    Less,
    Greater,
}

const COMPARE: &str = " compare ";

impl Number {
    /// Reads what stands behind `n:`; `text` has the `n:`.
    pub(super) fn new(text: &str, rest: &str, dialect: Dialect) -> (Self, Option<Fault>) {
        let (kind, quirk) = match Kind::new(rest, dialect) {
            Ok((kind, quirk)) => (kind, quirk),
            Err(reason) => (Kind::Unusable(reason.clone()), Some(Fault::NeverCompares(reason))),
        };
        (Self { text: text.into(), kind }, quirk)
    }

    pub(super) fn matches(&self, line: &[u8]) -> Result<bool, Unknown> {
        let (pattern, bound) = match &self.kind {
            Kind::Comparison { pattern, bound } => (pattern, bound),
            Kind::Unusable(reason) => return Err(self.unknown(reason)),
        };
        match pattern.first_group(line).map_err(|error| self.unknown(&error.to_string()))? {
            None => Ok(false),
            Some(None) => Err(self.unknown("the expression took no number")),
            Some(Some(group)) => match bound {
                Ok(bound) => Ok(bound.holds(number(group))),
                Err(reason) => Err(self.unknown(reason)),
            },
        }
    }

    /// Whether the line has a number to compare.
    pub(super) fn captures(&self, line: &[u8]) -> bool {
        match &self.kind {
            Kind::Comparison { pattern, .. } => matches!(pattern.is_match(line), Ok(true)),
            Kind::Unusable(_) => false,
        }
    }

    fn unknown(&self, reason: &str) -> Unknown {
        Unknown(format!("Comparison '{}': {reason}", self.text).into())
    }
}

impl Kind {
    fn new(text: &str, dialect: Dialect) -> Result<(Self, Option<Fault>), String> {
        let (expression, comparison) =
            text.split_once(COMPARE).ok_or_else(|| "there is no ` compare ` in it".to_owned())?;
        let pattern = Pattern::new(dialect, expression).map_err(|error| error.to_string())?;
        let bound = Bound::parse(comparison);
        let quirk = match bound {
            Err(reason) => Some(Fault::NeverCompares(reason.to_owned())),
            Ok(_) if !expression.contains('(') => {
                Some(Fault::NeverCompares("the expression has no group that takes a number".to_owned()))
            }
            Ok(_) if has_sign(comparison) => Some(Fault::Sign),
            Ok(_) => None,
        };
        Ok((Self::Comparison { pattern, bound }, quirk))
    }
}

impl Bound {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let operator = Operator::parse(text).ok_or("its operator is none of =, !=, <=, >=, < and >")?;
        let digits = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        if digits.is_empty() {
            return Err("there is no number behind its operator");
        }
        Ok(Self { operator, number: number(digits.as_bytes()) })
    }

    fn holds(self, found: i64) -> bool {
        let ordering = found.cmp(&self.number);
        match self.operator {
            Operator::Equal => ordering == Ordering::Equal,
            Operator::NotEqual => ordering != Ordering::Equal,
            Operator::AtMost => ordering != Ordering::Greater,
            Operator::AtLeast => ordering != Ordering::Less,
            Operator::Less => ordering == Ordering::Less,
            Operator::Greater => ordering == Ordering::Greater,
        }
    }
}

impl Operator {
    /// The first that fits, in this order: the equals sign only at the beginning, the others anywhere.
    fn parse(text: &str) -> Option<Self> {
        let others = [
            ("!=", Self::NotEqual),
            ("<=", Self::AtMost),
            (">=", Self::AtLeast),
            ("<", Self::Less),
            (">", Self::Greater),
        ];
        let other = || others.into_iter().find(|(sign, _)| text.contains(sign)).map(|(_, operator)| operator);
        if text.starts_with('=') { Some(Self::Equal) } else { other() }
    }
}

/// Whether a sign stands right before the number.
fn has_sign(comparison: &str) -> bool {
    comparison
        .split(|letter: char| letter.is_ascii_digit())
        .next()
        .is_some_and(|before| before.ends_with(['-', '+']))
}

/// As C's `strtol` with base ten: blanks and a sign may come first, what follows the digits is left, no digits are 0, and
/// what is too large becomes the largest there is.
fn number(text: &[u8]) -> i64 {
    let blanks = |byte: &&u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let mut rest = text.iter().skip_while(blanks).peekable();
    let sign = rest.next_if(|byte| matches!(byte, b'-' | b'+'));
    let negative = sign == Some(&b'-');
    rest.take_while(|byte| byte.is_ascii_digit()).fold(0, |number: i64, digit| {
        let digit = i64::from(digit - b'0');
        let shifted = number.saturating_mul(10);
        if negative { shifted.saturating_sub(digit) } else { shifted.saturating_add(digit) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        for (text, expected) in [
            ("", 0),
            ("abc", 0),
            ("12abc", 12),
            (" \t\n\u{b}\u{c}\r12", 12),
            ("-12", -12),
            ("+12", 12),
            ("- 12", 0),
            ("--12", 0),
            ("0644", 644),
            ("9223372036854775807", i64::MAX),
            ("9223372036854775808", i64::MAX),
            ("99999999999999999999999", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("-99999999999999999999999", i64::MIN),
        ] {
            assert_eq!(number(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn operators_are_tried_in_order() {
        for (text, expected) in [
            ("= 5", Some((Operator::Equal, 5))),
            ("== 5", Some((Operator::Equal, 5))),
            ("=< 5", Some((Operator::Equal, 5))),
            ("!= 5", Some((Operator::NotEqual, 5))),
            ("<= 5", Some((Operator::AtMost, 5))),
            (">= 5", Some((Operator::AtLeast, 5))),
            ("=> 5", Some((Operator::Equal, 5))),
            (">= 5 <= 6", Some((Operator::AtMost, 5))),
            ("<5", Some((Operator::Less, 5))),
            ("> -5", Some((Operator::Greater, 5))),
            ("5 >", Some((Operator::Greater, 5))),
            (" = 5", None),
            ("5", None),
            ("<= five", None),
            ("", None),
        ] {
            let bound = Bound::parse(text).ok().map(|bound| (bound.operator, bound.number));
            assert_eq!(bound, expected, "{text:?}");
        }
    }
}
