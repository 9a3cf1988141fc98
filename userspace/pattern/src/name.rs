use crate::{Dialect, Pattern, PatternError};

/// The file name of a folder rule: `r:` and an osregex, or a list of texts as Wazuh's OS_Match reads it.
#[derive(Debug, Clone)]
pub struct NamePattern {
    regex: Option<Pattern>,
    text: Box<str>,
}

impl NamePattern {
    /// Compiles a name pattern.
    ///
    /// # Errors
    /// The text is too long.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let regex = text.strip_prefix("r:").and_then(|text| Pattern::new(Dialect::OsRegex, text).ok());
        Ok(Self { regex, text: text.into() })
    }

    /// Whether a file's name matches.
    #[must_use]
    pub fn is_match(&self, name: &[u8]) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.is_match(name) == Ok(true))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
