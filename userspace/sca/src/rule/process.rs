//! `p:PATTERN`. There is no location, so no variable is replaced.

use super::{ARROW, Body, Target};
use crate::Fault;

pub(super) fn read(body: &mut Body<'_>) -> Result<Target, Fault> {
    if body.text.contains(ARROW) {
        body.quirk(body.offset, Fault::ArrowInProcess);
    }
    let content = body.content((body.offset, body.text))?;
    Ok(Target::Process { content })
}
