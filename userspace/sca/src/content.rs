//! What a line must be like: `r:^Port && !r:22$`.

mod number;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use rampart_pattern::{Dialect, Pattern};

use self::number::Number;
use crate::{Fault, limit};

/// The pattern of a rule: minterms that must all hold for the same line.
#[derive(Debug)]
pub struct Content {
    text: Arc<str>,
    dialect: Dialect,
    minterms: Box<[Minterm]>,
}

/// What a [`Content`] says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineVerdict {
    /// It does not hold.
    NoMatch,
    /// It holds.
    Match,
    /// It cannot be known, for that reason.
    Invalid(Arc<str>),
    /// None of these: Wazuh multiplies the minterms' values, and what comes of two invalid ones, or of a negated invalid
    /// one, is no result. It ends the reading of a file and counts as not found.
    Neither,
}

/// One test of a line.
#[derive(Debug)]
struct Minterm {
    negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// `r:`; none if the expression does not compile: then it never matches.
    Expression(Option<Pattern>),
    /// `n:`
    Number(Number),
    /// Anything else: the whole line, whatever the case.
    Literal(Box<[u8]>),
}

/// The value of a minterm that cannot be known, and why. It is 2 where not matching is 0 and matching is 1.
#[derive(Debug, Clone)]
struct Unknown(Arc<str>);

/// What is odd about a pattern, by the byte where it is.
pub(crate) type Quirk = (usize, Fault);

const AND: &str = " && ";

impl Content {
    /// Reads a pattern. What Wazuh takes without a word and an author cannot mean comes as quirks.
    pub(crate) fn new(text: &str, dialect: Dialect) -> Result<(Self, Vec<Quirk>), Fault> {
        let (mut minterms, mut quirks) = (Vec::new(), Vec::new());
        let mut offset = 0;
        for minterm in text.split(AND) {
            if minterms.len() >= limit::MINTERMS {
                let bound = limit::MINTERMS;
                return Err(Fault::TooMuch { what: "the number of tests of one pattern", bound });
            }
            let (minterm_read, quirk) = Minterm::new(minterm, dialect);
            minterms.push(minterm_read);
            quirks.extend(quirk.map(|fault| (offset, fault)));
            offset += minterm.len() + AND.len();
        }
        Ok((Self { text: text.into(), dialect, minterms: minterms.into() }, quirks))
    }

    /// As it is written.
    #[must_use]
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Of a line that does not match, whether it comes near: it passes one of several tests, or has a number to compare.
    #[must_use]
    pub fn is_near(&self, line: &[u8]) -> bool {
        let is_single =
            matches!(&*self.minterms, [Minterm { test: Test::Expression(_) | Test::Literal(_), .. }]);
        !is_single && self.minterms.iter().any(|minterm| minterm.resembles(line))
    }

    /// Tests one line.
    #[must_use]
    pub fn test(&self, line: &[u8]) -> LineVerdict {
        let mut product = 1_u64;
        let mut reason = None;
        for minterm in &self.minterms {
            let value = match (minterm.test.matches(line), minterm.negated) {
                (Ok(matches), negated) => u64::from(matches != negated),
                (Err(Unknown(text)), negated) => {
                    reason.get_or_insert(text);
                    if negated { 3 } else { 2 }
                }
            };
            if value == 0 {
                return LineVerdict::NoMatch;
            }
            product = product.saturating_mul(value);
        }
        match (product, reason) {
            (1, _) => LineVerdict::Match,
            (2, Some(reason)) => LineVerdict::Invalid(reason),
            _ => LineVerdict::Neither,
        }
    }
}

/// What is written in the same language is the same pattern.
impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.dialect == other.dialect
    }
}

impl Eq for Content {}

impl Hash for Content {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Minterm {
    /// Whether the line is about the same thing.
    fn resembles(&self, line: &[u8]) -> bool {
        match &self.test {
            Test::Number(number) => number.captures(line),
            test => !self.negated && matches!(test.matches(line), Ok(true)),
        }
    }

    fn new(text: &str, dialect: Dialect) -> (Self, Option<Fault>) {
        let (negated, body) = match text.strip_prefix('!') {
            Some(body) => (true, body),
            None => (false, text),
        };
        let (kind, rest) = body.split_at_checked(2).unwrap_or_default();
        let (kind_of_test, quirk) = if kind.eq_ignore_ascii_case("r:") {
            match Pattern::new(dialect, rest) {
                Ok(pattern) => (Test::Expression(Some(pattern)), None),
                Err(error) => (Test::Expression(None), Some(Fault::NeverMatches(error))),
            }
        } else if kind.eq_ignore_ascii_case("n:") {
            let (number, quirk) = Number::new(body, rest, dialect);
            (Test::Number(number), quirk)
        } else {
            (Test::Literal(body.as_bytes().into()), None)
        };
        (Self { negated, test: kind_of_test }, quirk)
    }
}

impl Test {
    fn matches(&self, line: &[u8]) -> Result<bool, Unknown> {
        match self {
            Self::Expression(None) => Ok(false),
            Self::Expression(Some(pattern)) => {
                let exhausted = |error| Unknown(format!("Pattern 'r:{}': {error}", pattern.text()).into());
                pattern.is_match(line).map_err(exhausted)
            }
            Self::Number(number) => number.matches(line),
            Self::Literal(text) => Ok(line.eq_ignore_ascii_case(text)),
        }
    }
}
