//! `f:PATHS` and `f:PATHS -> PATTERN`.

use super::{Body, Target};
use crate::Fault;

pub(super) fn read(body: &mut Body<'_>) -> Result<Target, Fault> {
    let (location, pattern) = body.split();
    let paths = body.paths(location)?;
    let content = pattern.map(|pattern| body.content(pattern)).transpose()?;
    Ok(Target::File { paths, content })
}
