use std::{borrow::Cow, fmt};

use crate::Process;

/// Several texts in their order: a test of the field holds where it holds of any of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Texts<'a> {
    /// Something of every ancestor of a process, the nearest first.
    Ancestors(&'a Process, AncestorPart),
    /// Themselves.
    List(Cow<'a, [Box<str>]>),
}

/// What of an ancestor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AncestorPart {
    /// The path of its program file.
    Executable,
    /// The kernel's name for it.
    Name,
}

impl Texts<'_> {
    /// Those that are not empty.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (ancestors, list) = match self {
            Self::Ancestors(process, part) => (Some((process.ancestors(), *part)), &[][..]),
            Self::List(list) => (None, &**list),
        };
        let ancestors =
            ancestors.into_iter().flat_map(|(ancestors, part)| ancestors.map(move |one| part.of(one)));
        ancestors.chain(list.iter().map(AsRef::as_ref)).filter(|text| !text.is_empty())
    }

    /// The same, on their own.
    #[must_use]
    pub fn into_owned(self) -> Texts<'static> {
        Texts::List(Cow::Owned(self.iter().map(Box::from).collect()))
    }
}

impl AncestorPart {
    fn of(self, ancestor: &Process) -> &str {
        match self {
            Self::Executable => &ancestor.executable,
            Self::Name => &ancestor.name,
        }
    }
}

/// Joined with bars.
impl fmt::Display for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, text) in self.iter().enumerate() {
            let bar = if number == 0 { "" } else { "|" };
            write!(f, "{bar}{text}")?;
        }
        Ok(())
    }
}
