mod text;

use self::text::TextList;
use crate::{Dialect, MAX_LENGTH, Pattern, PatternError};

/// The file name of a folder rule (`d:FOLDER -> NAME`).
///
/// `r:` begins an osregex, in policies of PCRE2 too. Where that does not match, and without `r:`, the whole
/// is a list as Wazuh's OS_Match reads it: texts separated by `|`, each anywhere in the name and in either
/// case, `^` and `$` for its ends, and `!` before the list for a name that has none of them.
#[derive(Debug, Clone)]
pub struct NamePattern {
    text: Box<str>,
    regex: Option<Result<Pattern, PatternError>>,
    list: TextList,
}

impl NamePattern {
    /// Compiles a name pattern.
    ///
    /// # Errors
    /// The text is too long. A faulty osregex is none, see [`NamePattern::fault`].
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::TooLong { length: text.len() });
        }
        let regex = text.strip_prefix("r:").or_else(|| text.strip_prefix("R:"));
        let regex = regex.map(|regex| Pattern::new(Dialect::OsRegex, regex));
        Ok(Self { text: text.into(), regex, list: TextList::new(text) })
    }

    /// What is wrong with its osregex. It matches nothing then, in Wazuh without a word.
    #[must_use]
    pub fn fault(&self) -> Option<&PatternError> {
        self.regex.as_ref()?.as_ref().err()
    }

    /// Whether a file's name matches. A name that takes too many steps does not.
    #[must_use]
    pub fn is_match(&self, name: &[u8]) -> bool {
        let regex = self.regex.as_ref().and_then(|regex| regex.as_ref().ok());
        regex.is_some_and(|regex| regex.is_match(name) == Ok(true)) || self.list.is_match(name)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
