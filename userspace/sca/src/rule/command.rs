//! `c:COMMAND` and `c:COMMAND -> PATTERN`.

use super::{Body, Target};
use crate::Fault;

pub(super) fn read(body: &mut Body<'_>) -> Result<Target, Fault> {
    let (location, pattern) = body.split();
    let line = body.replace(location)?.into();
    if pattern.is_none() {
        body.quirk(body.offset, Fault::NeverRun);
    }
    let content = pattern.map(|pattern| body.content(pattern)).transpose()?;
    Ok(Target::Command { line, content })
}
