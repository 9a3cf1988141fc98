//! Stands in for the pattern crate until it is there.
#![expect(missing_docs, reason = "goes with the file")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    OsRegex,
    Pcre2,
}
#[derive(Debug, Clone)]
pub struct NamePattern(String);
impl NamePattern {
    pub fn new(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
    pub fn is_match(&self, name: &[u8]) -> bool {
        name == self.0.as_bytes()
    }
}
