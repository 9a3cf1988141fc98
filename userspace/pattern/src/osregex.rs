use crate::{Exhausted, PatternError};
pub(crate) struct OsRegex;
impl OsRegex {
    pub(crate) fn new(_text: &[u8]) -> Result<Self, PatternError> {
        Ok(Self)
    }
    pub(crate) fn is_match(&self, _line: &[u8]) -> Result<bool, Exhausted> {
        Ok(false)
    }
    pub(crate) fn first_group<'t>(&self, _line: &'t [u8]) -> Result<Option<Option<&'t [u8]>>, Exhausted> {
        Ok(None)
    }
}
