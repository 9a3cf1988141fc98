use super::{
    token::{Token, Word, is_word, tokens},
    wildcard::matches,
};
use crate::limit;

/// A rule's condition over its selections, with `1 of x*` and `all of them` resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The selection of that number holds.
    Selection(usize),
    /// All hold. Never empty.
    All(Vec<Self>),
    /// At least one holds. Never empty.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct ConditionError {
    /// The number of the character where it goes wrong, from 0.
    pub at: usize,
    /// What is wrong.
    pub kind: ConditionErrorKind,
}

/// What can be wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionErrorKind {
    /// Longer or deeper than the [`limit`]s.
    #[error("too long or nested too deeply")]
    TooMuch,
    /// A character that no condition has.
    #[error("unexpected `{0}`")]
    Character(char),
    /// Something else was to come.
    #[error("expected {expected}, not {found}")]
    Expected {
        /// What could have come.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// A selection that the rule does not have.
    #[error("there is no selection `{0}`")]
    UnknownSelection(String),
    /// `of` a pattern that no selection's name fits.
    #[error("no selection's name fits `{0}`")]
    NoneOf(String),
    /// `of` a number other than 1.
    #[error("Sigma has no `{0} of`")]
    Quantifier(String),
    /// What came after a condition in old Sigma, such as `| count() > 5`.
    #[error("aggregations are not part of Sigma 2")]
    Aggregation,
}

impl ConditionError {
    pub(crate) fn help(&self) -> String {
        match &self.kind {
            ConditionErrorKind::TooMuch => format!(
                "at most {} bytes and {} levels; use `1 of x*` in place of a long `or`",
                limit::CONDITION_BYTES,
                limit::CONDITION_DEPTH
            ),
            ConditionErrorKind::Aggregation => {
                "count with a correlation: one more document, with `correlation:` and `type: event_count`, that \
                 names this rule"
                    .to_owned()
            }
            ConditionErrorKind::Quantifier(_) => {
                "only `1 of`, `any of` and `all of`; join others with `and` and `or`".to_owned()
            }
            ConditionErrorKind::Character(_) | ConditionErrorKind::Expected { .. } => {
                "a condition is made of selection names, `and`, `or`, `not`, parentheses, `1 of x*` and `all of \
                 them`"
                    .to_owned()
            }
            ConditionErrorKind::UnknownSelection(_) | ConditionErrorKind::NoneOf(_) => {
                "name a selection that stands under `detection:`".to_owned()
            }
        }
    }
}

impl Condition {
    /// Reads a condition over selections of these names.
    ///
    /// `them` stands for the selections whose name does not begin with an underscore.
    ///
    /// # Errors
    /// [`ConditionError`] at the first place where the text is no condition, or names no selection.
    pub fn parse(text: &str, selections: &[&str]) -> Result<Self, ConditionError> {
        if text.len() > limit::CONDITION_BYTES {
            return Err(ConditionError { at: 0, kind: ConditionErrorKind::TooMuch });
        }
        let end = text.chars().count();
        let mut parser = Parser { tokens: tokens(text, selections)?, next: 0, end, depth: 0, selections };
        let condition = parser.any()?;
        match parser.peek() {
            None => Ok(condition),
            Some(_) => Err(parser.expected("`and`, `or` or the end")),
        }
    }

    /// One of several.
    pub(super) fn any_of(conditions: Vec<Self>) -> Self {
        join(conditions, Self::Any)
    }

    /// Whether the selection of that number is mentioned.
    #[must_use]
    pub fn mentions(&self, selection: usize) -> bool {
        match self {
            Self::Selection(number) => *number == selection,
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().any(|c| c.mentions(selection)),
            Self::Not(condition) => condition.mentions(selection),
        }
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
    end: usize,
    depth: usize,
    selections: &'a [&'a str],
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Word<'a>> {
        self.tokens.get(self.next).map(|token| &token.word)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |token| token.at)
    }

    fn take(&mut self, word: &Word<'_>) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn error(&self, kind: ConditionErrorKind) -> ConditionError {
        ConditionError { at: self.at(), kind }
    }

    fn expected(&self, expected: &'static str) -> ConditionError {
        let found = self.peek().map_or_else(|| "the end".to_owned(), |word| format!("`{word}`"));
        self.error(ConditionErrorKind::Expected { expected, found })
    }

    /// Runs one level further down, up to the limit.
    fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, ConditionError>,
    ) -> Result<T, ConditionError> {
        if self.depth >= limit::CONDITION_DEPTH {
            return Err(self.error(ConditionErrorKind::TooMuch));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn any(&mut self) -> Result<Condition, ConditionError> {
        let mut conditions = vec![self.all()?];
        while self.take(&Word::Or) {
            conditions.push(self.all()?);
        }
        Ok(join(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, ConditionError> {
        let mut conditions = vec![self.not()?];
        while self.take(&Word::And) {
            conditions.push(self.not()?);
        }
        Ok(join(conditions, Condition::All))
    }

    fn not(&mut self) -> Result<Condition, ConditionError> {
        if !self.take(&Word::Not) {
            return self.term();
        }
        self.deeper(Self::not).map(|condition| Condition::Not(condition.into()))
    }

    fn term(&mut self) -> Result<Condition, ConditionError> {
        match self.peek().copied() {
            Some(Word::Open) => {
                self.next += 1;
                let condition = self.deeper(Self::any)?;
                if !self.take(&Word::Close) {
                    return Err(self.expected("`)`"));
                }
                Ok(condition)
            }
            // A selection may be called `all` or `any`; only `of` after it tells.
            Some(Word::Name(name)) => match self.tokens.get(self.next + 1).map(|token| token.word) {
                Some(Word::Of) => self.quantified(name),
                _ => self.selection(name),
            },
            _ => Err(self.expected("a selection")),
        }
    }

    fn selection(&mut self, name: &str) -> Result<Condition, ConditionError> {
        let number = self.selections.iter().position(|selection| *selection == name);
        let Some(number) = number else {
            return Err(self.error(ConditionErrorKind::UnknownSelection(name.to_owned())));
        };
        self.next += 1;
        Ok(Condition::Selection(number))
    }

    fn quantified(&mut self, quantifier: &str) -> Result<Condition, ConditionError> {
        let wrap = match quantifier.to_ascii_lowercase().as_str() {
            "all" => Condition::All,
            "1" | "any" => Condition::Any,
            other if other.chars().all(|c| c.is_ascii_digit()) => {
                return Err(self.error(ConditionErrorKind::Quantifier(quantifier.to_owned())));
            }
            _ => return Err(self.expected("`1`, `any` or `all` before `of`")),
        };
        self.next += 2;
        let Some(Word::Name(pattern)) = self.peek().copied() else {
            return Err(self.expected("`them` or a pattern of selection names"));
        };
        let them = is_word(pattern, "them", self.selections);
        let fits = |name: &str| if them { !name.starts_with('_') } else { matches(pattern, name) };
        let names = self.selections.iter().enumerate().filter(|(_, name)| fits(name));
        let conditions: Vec<_> = names.map(|(number, _)| Condition::Selection(number)).collect();
        if conditions.is_empty() {
            return Err(self.error(ConditionErrorKind::NoneOf(pattern.to_owned())));
        }
        self.next += 1;
        Ok(join(conditions, wrap))
    }
}

fn join(mut conditions: Vec<Condition>, wrap: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        Some(last) => {
            conditions.push(last);
            wrap(conditions)
        }
        None => wrap(conditions),
    }
}
