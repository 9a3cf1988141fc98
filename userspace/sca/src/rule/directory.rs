//! `d:FOLDERS`, `d:FOLDERS -> NAME` and `d:FOLDERS -> NAME -> PATTERN`.

use rampart_pattern::{Dialect, NamePattern, Pattern};

use super::{Body, Entries, PatternText, Target, split_arrow};
use crate::Fault;

pub(super) fn read(body: &mut Body<'_>) -> Result<Target, Fault> {
    let (location, rest) = body.split();
    let folders = body.paths(location)?;
    let entries = rest.map(|rest| read_entries(body, rest)).transpose()?;
    Ok(Target::Directory { folders, entries })
}

fn read_entries(body: &mut Body<'_>, rest: PatternText<'_>) -> Result<Entries, Fault> {
    let (name, pattern) = split_arrow(rest);
    // Names are osregex whatever the policy's `regex_type` is.
    if let Some(Err(error)) = name.strip_prefix("r:").map(|text| Pattern::new(Dialect::OsRegex, text)) {
        body.quirk(rest.0, Fault::NeverMatches(error));
    }
    let names = NamePattern::new(name).map_err(Fault::Pattern)?;
    let content = pattern.map(|pattern| body.content(pattern)).transpose()?;
    Ok(Entries { names, content })
}
