//! A value on its way through the modifiers that change it.

use super::{
    encoding,
    expand::{Into, expand},
    role::Step,
    windash,
};
use crate::{
    Fault,
    detection::wildcard::{Part, Pattern},
    limit,
    reader::{Exhausted, Reader},
    yaml::{Scalar, ScalarKind},
};

/// A value that modifiers change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Draft {
    /// As a rule writes it, with what wildcards it has.
    Written { text: String, kind: ScalarKind },
    /// Bytes, that stand for themselves.
    Encoded(Vec<u8>),
}

/// Why nothing comes of a value.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It should have been this.
    Expected(&'static str),
    /// Something of its own.
    Fault(Fault),
}

impl Trouble {
    pub(super) const fn too_much(what: &'static str, bound: usize) -> Self {
        Self::Fault(Fault::TooMuch { what, bound: bound as u64 })
    }
}

impl From<&'static str> for Trouble {
    fn from(expected: &'static str) -> Self {
        Self::Expected(expected)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Exhausted> for Trouble {
    fn from(_: Exhausted) -> Self {
        Self::too_much("the size of what the modifiers of one rule make", limit::EXPANSION_BYTES)
    }
}

impl Draft {
    /// The values that the steps, one after the other, make of one.
    pub(super) fn make(
        reader: &mut Reader,
        steps: &[Step],
        into: Into,
        scalar: &Scalar,
    ) -> Result<Vec<Self>, Trouble> {
        let mut drafts = vec![Self::Written { text: scalar.text.clone(), kind: scalar.kind }];
        for step in steps {
            let mut next = Vec::new();
            for draft in &drafts {
                next.extend(draft.step(reader, *step, into)?);
                if next.len() > limit::VALUES {
                    return Err(Trouble::too_much("the number of values of one test", limit::VALUES));
                }
            }
            drafts = next;
        }
        Ok(drafts)
    }

    fn step(&self, reader: &mut Reader, step: Step, into: Into) -> Result<Vec<Self>, Trouble> {
        let drafts: Vec<_> = match step {
            Step::Expand => self.written(expand(reader, into, &self.text())?),
            Step::WinDash => {
                let text = self.text();
                let template = windash::Template::new(&text);
                let count = template.count().ok_or(Trouble::too_much(
                    "the number of dashes that `windash` exchanges",
                    limit::DASHES,
                ))?;
                reader.spend(count, count * (text.len() + 2 * template.dashes()))?;
                self.written(template.values())
            }
            Step::Utf16(order) => {
                let bytes = self.plain()?;
                let text = rampart_model::text(&bytes);
                reader.spend(1, 2 * text.len() + 2)?;
                vec![Self::Encoded(encoding::utf16(order, &text))]
            }
            Step::Base64 => {
                let bytes = self.plain()?;
                reader.spend(1, 2 * bytes.len())?;
                vec![Self::Encoded(encoding::base64(&bytes).into_bytes())]
            }
            Step::Base64Offset => {
                let bytes = self.plain()?;
                reader.spend(3, 6 * bytes.len())?;
                let parts = encoding::base64_offset(&bytes).ok_or("two bytes or more for `base64offset`")?;
                parts.into_iter().map(|part| Self::Encoded(part.into_bytes())).collect()
            }
        };
        if drafts.iter().any(|draft| draft.len() > limit::PATTERN_BYTES) {
            return Err(Trouble::too_much("the length of a value", limit::PATTERN_BYTES));
        }
        Ok(drafts)
    }

    fn len(&self) -> usize {
        match self {
            Self::Written { text, .. } => text.len(),
            Self::Encoded(bytes) => bytes.len(),
        }
    }

    /// Its text: as a rule would write it, or what stands for the bytes.
    pub(super) fn text(&self) -> Box<str> {
        match self {
            Self::Written { text, .. } => text.as_str().into(),
            Self::Encoded(bytes) => rampart_model::text(bytes),
        }
    }

    /// The pattern that it is.
    pub(super) fn pattern(&self) -> Pattern {
        match self {
            Self::Written { text, .. } => Pattern::parse(text),
            Self::Encoded(bytes) => Pattern::literal(rampart_model::text(bytes)),
        }
    }

    /// Texts that were made of it; where nothing was, it keeps what YAML takes it for.
    fn written(&self, texts: Vec<String>) -> Vec<Self> {
        let kind = |text: &str| match self {
            Self::Written { text: before, kind } if text == before => *kind,
            _ => ScalarKind::Text,
        };
        texts.into_iter().map(|text| Self::Written { kind: kind(&text), text }).collect()
    }

    /// The bytes that are to be encoded.
    fn plain(&self) -> Result<Vec<u8>, &'static str> {
        match self {
            Self::Encoded(bytes) => Ok(bytes.clone()),
            Self::Written { text, .. } => match Pattern::parse(text).parts() {
                [] => Ok(Vec::new()),
                [Part::Text(text)] => Ok(text.as_bytes().to_vec()),
                _ => Err("text without wildcards, because it is encoded; a star that is meant is `\\*`"),
            },
        }
    }
}
