use std::str::Chars;

use rampart_policy::{Case, Part, Pattern};

/// A pattern with wildcards in any places.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    steps: Box<[Step]>,
    case: Case,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// This character, folded if case is ignored.
    Exactly(char),
    One,
    Many,
}

impl Glob {
    pub(super) fn new(pattern: &Pattern, case: Case) -> Self {
        let mut steps = Vec::new();
        for part in pattern.parts() {
            match part {
                Part::Text(text) => steps.extend(text.chars().map(|c| Step::Exactly(fold(c, case)))),
                Part::One => steps.push(Step::One),
                Part::Many => steps.push(Step::Many),
            }
        }
        Self { steps: steps.into(), case }
    }

    /// Takes at most the product of both lengths: only the last `*` is ever tried again.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut next = 0;
        let mut last_many: Option<(usize, Chars<'_>)> = None;
        loop {
            let step = self.steps.get(next).copied();
            if step == Some(Step::Many) {
                next += 1;
                last_many = Some((next, rest.clone()));
                continue;
            }
            let mut ahead = rest.clone();
            match (step, ahead.next()) {
                (None, None) => return true,
                (Some(step), Some(character)) if step.takes(character, self.case) => {
                    next += 1;
                    rest = ahead;
                    continue;
                }
                (Some(_), None) => return false,
                _ => {}
            }
            let Some((after, from)) = &mut last_many else { return false };
            if from.next().is_none() {
                return false;
            }
            next = *after;
            rest = from.clone();
        }
    }
}

impl Step {
    fn takes(self, character: char, case: Case) -> bool {
        match self {
            Self::Exactly(wanted) => fold(character, case) == wanted,
            Self::One => true,
            Self::Many => false,
        }
    }
}

/// A text whose case is left out.
pub(super) fn folded(text: &str) -> String {
    text.chars().map(|character| fold(character, Case::Ignored)).collect()
}

/// One character always folds to one, so that `?` counts the same on both sides; and none but an ASCII
/// letter folds to one, so that ASCII can be compared by bytes.
fn fold(character: char, case: Case) -> char {
    if case == Case::Kept || character.is_ascii() {
        return if case == Case::Kept { character } else { character.to_ascii_lowercase() };
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) if !lower.is_ascii() => lower,
        _ => character,
    }
}
