use std::{fmt, sync::Arc};

use crate::{Exhausted, PatternError, osregex::OsRegex, pcre::Pcre2};

/// The longest pattern, in bytes. Wazuh has the same bound for osregex.
pub const MAX_LENGTH: usize = 20_480;

/// The language of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Wazuh's own, and what its policies use unless they say otherwise.
    #[default]
    OsRegex,
    /// `regex_type: pcre2`: without flags, so bytes, and case matters.
    Pcre2,
}

/// A compiled pattern. Cheap to clone.
#[derive(Clone)]
pub struct Pattern {
    text: Arc<str>,
    engine: Arc<Engine>,
}

enum Engine {
    OsRegex(OsRegex),
    Pcre2(Pcre2),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The text is too long, or no pattern of that dialect.
    pub fn new(dialect: Dialect, text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::TooLong { length: text.len() });
        }
        let engine = match dialect {
            Dialect::OsRegex => Engine::OsRegex(OsRegex::new(text)?),
            Dialect::Pcre2 => Engine::Pcre2(Pcre2::new(text)?),
        };
        Ok(Self { text: text.into(), engine: Arc::new(engine) })
    }

    /// Whether it matches anywhere in a line.
    ///
    /// # Errors
    /// The match took too many steps.
    pub fn is_match(&self, line: &[u8]) -> Result<bool, Exhausted> {
        match &*self.engine {
            Engine::OsRegex(regex) => regex.is_match(line),
            Engine::Pcre2(regex) => regex.is_match(line),
        }
    }

    /// What the pattern's first group took: `None` where the pattern does not match, `Some(None)` where it
    /// matches and has no group that took part.
    ///
    /// # Errors
    /// The match took too many steps.
    pub fn first_group<'t>(&self, line: &'t [u8]) -> Result<Option<Option<&'t [u8]>>, Exhausted> {
        let found = match &*self.engine {
            Engine::OsRegex(regex) => regex.first_group(line),
            Engine::Pcre2(regex) => regex.first_group(line),
        };
        Ok(found?.map(|group| group.and_then(|group| line.get(group))))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}
