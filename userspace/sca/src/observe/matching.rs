use std::{borrow::Cow, mem, ops::ControlFlow};

use crate::{
    Content, LineVerdict, RuleOutcome,
    observation::{Excerpt, Match, Matches},
    plan::{ContentId, Contents},
};

/// How much of a line is kept, in bytes.
const EXCERPT_BYTES: usize = 512;

pub(super) fn excerpt(number: u64, line: &[u8]) -> Excerpt {
    Excerpt { number, text: line.iter().copied().take(EXCERPT_BYTES).collect() }
}

/// Patterns that are tried on the lines of one file: each until the first line that decides it.
pub(super) struct FileMatching<'c> {
    open: Vec<(ContentId, &'c Content, Option<Excerpt>)>,
    decided: Matches,
    lines: u64,
}

impl<'c> FileMatching<'c> {
    pub(super) fn new(contents: &'c Contents) -> Self {
        let open = contents.iter().map(|(id, content)| (*id, &**content, None)).collect();
        Self { open, decided: Matches::new(), lines: 0 }
    }

    /// Breaks when no pattern needs another line.
    pub(super) fn line(&mut self, line: &[u8]) -> ControlFlow<()> {
        self.lines += 1;
        let number = self.lines;
        for (id, content, near) in mem::take(&mut self.open) {
            let outcome = match content.test(line) {
                LineVerdict::NoMatch => {
                    let near = near.or_else(|| content.is_near(line).then(|| excerpt(number, line)));
                    self.open.push((id, content, near));
                    continue;
                }
                LineVerdict::Match => RuleOutcome::Found,
                LineVerdict::Invalid(reason) => RuleOutcome::Invalid(reason),
                LineVerdict::Neither => RuleOutcome::NotFound,
            };
            self.decided.insert(id, Match { outcome, line: Some(excerpt(number, line)) });
        }
        if self.open.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// What became of each pattern, if those still open end with `rest`.
    pub(super) fn finish(mut self, rest: &RuleOutcome) -> Matches {
        for (id, _, near) in self.open {
            self.decided.insert(id, Match { outcome: rest.clone(), line: near });
        }
        self.decided
    }
}

/// What becomes of a pattern on the lines of a command: the first that matches, else what the last one says (Wazuh 4:
/// what an earlier line says against the rule is forgotten).
pub(super) fn in_output<'l>(content: &Content, lines: impl Iterator<Item = Cow<'l, [u8]>>) -> Match {
    let mut last = Match { outcome: RuleOutcome::NotFound, line: None };
    let mut near = None;
    for (number, line) in (1..).zip(lines) {
        let line = &*line;
        last.outcome = match content.test(line) {
            LineVerdict::Match => {
                return Match { outcome: RuleOutcome::Found, line: Some(excerpt(number, line)) };
            }
            LineVerdict::NoMatch => {
                if near.is_none() && content.is_near(line) {
                    near = Some(excerpt(number, line));
                }
                RuleOutcome::NotFound
            }
            LineVerdict::Invalid(reason) => RuleOutcome::Invalid(reason),
            LineVerdict::Neither => RuleOutcome::NotFound,
        };
    }
    Match { line: near, ..last }
}
