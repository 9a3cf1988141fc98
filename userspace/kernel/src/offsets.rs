//! Fills the programs' table of kernel fields.

use rampart_abi::{ABSENT, Absence, KernelField, Offsets, What};

use crate::Btf;

/// A field that the programs cannot do without is not in this kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this kernel's type information has no {}; the programs cannot work without it", describe(.0))]
pub struct ResolveError(What);

/// Something that this kernel lacks, and what is lost with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Such as `task_struct.loginuid`.
    pub what: String,
    /// What is not seen without it.
    pub loses: &'static str,
}

/// Offsets for the programs, in the order of the table, and what this kernel lacks.
///
/// # Errors
/// [`ResolveError`] for the first entry that is needed and not there.
pub fn resolve(btf: &Btf<'_>) -> Result<(Vec<u32>, Vec<Missing>), ResolveError> {
    let mut missing = Vec::new();
    let values =
        Offsets::TABLE.iter().map(|entry| value(btf, entry, &mut missing)).collect::<Result<_, _>>()?;
    Ok((values, missing))
}

fn value(btf: &Btf<'_>, entry: &KernelField, missing: &mut Vec<Missing>) -> Result<u32, ResolveError> {
    let found = match entry.what {
        What::Offset { of, fields } => fields.iter().find_map(|field| btf.offset(of, field)),
        What::Size { of } => btf.size(of),
        What::Enumerator { of, constant } => btf.enumerator(of, constant),
    };
    match (found, entry.absence) {
        (Some(value), _) => Ok(value),
        (None, Absence::Fatal) => Err(ResolveError(entry.what)),
        (None, Absence::Loses(loses)) => {
            missing.push(Missing { what: describe(&entry.what), loses });
            Ok(ABSENT)
        }
    }
}

fn describe(what: &What) -> String {
    match what {
        What::Offset { of, fields } => format!("field {of}.{}", fields.join(" or .")),
        What::Size { of } => format!("structure {of}"),
        What::Enumerator { of, constant } => format!("enumerator {of}.{constant}"),
    }
}
