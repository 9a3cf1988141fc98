//! Patterns against text, with nothing allocated.

mod glob;

use rampart_policy::{Anchor, Case, Part, Pattern};

use self::glob::Glob;

/// A pattern made ready for matching.
///
/// Where case is ignored, characters are compared by their simple lower-case form; an ASCII letter is the
/// same as its other case and as nothing else.
#[derive(Debug, Clone)]
pub struct TextMatcher(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// One piece of text, compared byte by byte: ASCII, or text whose case is kept.
    Bytes { shape: Shape, text: Box<[u8]>, case: Case },
    /// Everything else.
    Glob(Glob),
}

/// Where the text may stand.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Whole,
    Start,
    End,
    Anywhere,
}

impl TextMatcher {
    /// Makes a pattern ready.
    #[must_use]
    pub fn new(pattern: &Pattern, case: Case) -> Self {
        let (shape, text) = match pattern.parts() {
            [] => (Shape::Whole, ""),
            [Part::Text(text)] => (Shape::Whole, &**text),
            [Part::Text(text), Part::Many] => (Shape::Start, &**text),
            [Part::Many, Part::Text(text)] => (Shape::End, &**text),
            [Part::Many, Part::Text(text), Part::Many] => (Shape::Anywhere, &**text),
            _ => return Self(Kind::Glob(Glob::new(pattern, case))),
        };
        if case == Case::Ignored && !text.is_ascii() {
            return Self(Kind::Glob(Glob::new(pattern, case)));
        }
        Self(Kind::Bytes { shape, text: text.as_bytes().into(), case })
    }

    /// Whether a text fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Kind::Glob(glob) => glob.matches(text),
            Kind::Bytes { shape, text: wanted, case } => shape.holds(text.as_bytes(), wanted, *case),
        }
    }
}

/// Whether a text has another in it, without a pattern.
pub(crate) fn has(text: &str, other: &str, anchor: Anchor, case: Case) -> bool {
    let shape = match anchor {
        Anchor::Whole => Shape::Whole,
        Anchor::Start => Shape::Start,
        Anchor::End => Shape::End,
        Anchor::Anywhere => Shape::Anywhere,
    };
    if case == Case::Kept || (text.is_ascii() && other.is_ascii()) {
        return shape.holds(text.as_bytes(), other.as_bytes(), case);
    }
    shape.holds(glob::folded(text).as_bytes(), glob::folded(other).as_bytes(), Case::Kept)
}

impl Shape {
    fn holds(self, text: &[u8], wanted: &[u8], case: Case) -> bool {
        let cut = match self {
            Self::Anywhere => return contains(text, wanted, case),
            Self::Whole => Some(text),
            Self::Start => text.get(..wanted.len()),
            Self::End => text.len().checked_sub(wanted.len()).and_then(|start| text.get(start..)),
        };
        cut.is_some_and(|cut| same(cut, wanted, case))
    }
}

fn same(a: &[u8], b: &[u8], case: Case) -> bool {
    match case {
        Case::Kept => a == b,
        Case::Ignored => a.eq_ignore_ascii_case(b),
    }
}

fn contains(text: &[u8], wanted: &[u8], case: Case) -> bool {
    let Some(first) = wanted.first().copied() else { return true };
    let last_start = text.len().checked_sub(wanted.len());
    let Some(starts) = last_start.and_then(|last| text.get(..=last)) else { return false };
    let fits =
        |start: usize| text.get(start..start + wanted.len()).is_some_and(|cut| same(cut, wanted, case));
    match case {
        Case::Kept => memchr::memmem::find(text, wanted).is_some(),
        Case::Ignored => {
            let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
            memchr::memchr2_iter(lower, upper, starts).any(fits)
        }
    }
}
