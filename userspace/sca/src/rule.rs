//! What one rule asks of the host.

mod command;
mod directory;
mod file;
mod process;

use std::sync::Arc;

use rampart_pattern::NamePattern;

use crate::{
    Content, Fault, RuleOutcome,
    content::Quirk,
    load::{Patterns, Variables, short},
};

/// One rule, such as `not f:/etc/ssh/sshd_config -> r:^PermitRootLogin yes`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// As it is written, with the policy's variables replaced.
    pub text: Arc<str>,
    /// Whether `not` stands before it.
    pub negated: bool,
    /// What is looked at.
    pub target: Target,
}

/// What a rule looks at.
#[derive(Debug, Clone)]
pub enum Target {
    /// `f:` files: whether one of them exists, or has a line that the content holds for.
    File {
        /// The paths, in their order. None if only commas were written.
        paths: Box<[Arc<str>]>,
        /// What a line must be like.
        content: Option<Arc<Content>>,
    },
    /// `d:` folders: whether one of them exists, or has an entry of some name at any depth.
    Directory {
        /// The paths, in their order. None if only commas were written.
        folders: Box<[Arc<str>]>,
        /// Which entries are looked for.
        entries: Option<Entries>,
    },
    /// `c:` a command: without a content it is not run and counts as found, which is Wazuh's way.
    Command {
        /// The command line, not yet split.
        line: Arc<str>,
        /// What a line of its output must be like.
        content: Option<Arc<Content>>,
    },
    /// `p:` running processes, by their names as the kernel has them (15 bytes). Any verdict but
    /// [`NoMatch`](crate::LineVerdict::NoMatch) of a name counts as found, which is Wazuh's way.
    Process {
        /// What a name must be like.
        content: Arc<Content>,
    },
}

/// The entries of folders that a `d:` rule looks for.
#[derive(Debug, Clone)]
pub struct Entries {
    /// What an entry's name must be like.
    pub names: NamePattern,
    /// What a line of the entry must be like; the entry is looked at as an `f:` rule's path is.
    pub content: Option<Arc<Content>>,
}

/// The types of rules, by the letter before the colon.
const TYPES: [(char, ReadTarget); 4] =
    [('f', file::read), ('d', directory::read), ('c', command::read), ('p', process::read)];

type ReadTarget = fn(&mut Body<'_>) -> Result<Target, Fault>;

const ARROW: &str = " -> ";

/// What stands behind a rule's type, on its way to a target.
struct Body<'r> {
    // With the policy's variables as they are written.
    text: &'r str,
    // Where the text begins in the rule, in bytes.
    offset: usize,
    variables: &'r Variables,
    patterns: &'r mut Patterns,
    quirks: &'r mut Vec<Quirk>,
}

/// A pattern and where it begins in the rule, in bytes.
type PatternText<'r> = (usize, &'r str);

impl<'r> Body<'r> {
    /// What stands before the first arrow, and what stands behind it.
    fn split(&self) -> (&'r str, Option<PatternText<'r>>) {
        split_arrow((self.offset, self.text))
    }

    /// A location, its variables replaced: nowhere else are they.
    fn replace(&self, location: &str) -> Result<String, Fault> {
        self.variables.replace(location).ok_or(Fault::too_long())
    }

    /// A list of paths. Empty ones vanish, blanks stay.
    fn paths(&mut self, location: &str) -> Result<Box<[Arc<str>]>, Fault> {
        let location = self.replace(location)?;
        let paths: Box<[Arc<str>]> =
            location.split(',').filter(|path| !path.is_empty()).map(Arc::from).collect();
        if let Some(path) = paths.iter().find(|path| path.trim() != &***path) {
            self.quirk(self.offset, Fault::BlankInPath(path.to_string()));
        }
        if paths.is_empty() {
            self.quirk(self.offset, Fault::NoPath);
        }
        Ok(paths)
    }

    fn content(&mut self, (offset, text): PatternText<'_>) -> Result<Arc<Content>, Fault> {
        let (content, quirks) = self.patterns.get(text)?;
        self.quirks.extend(quirks.iter().map(|(at, fault)| (offset + at, fault.clone())));
        Ok(content)
    }

    fn quirk(&mut self, offset: usize, fault: Fault) {
        self.quirks.push((offset, fault));
    }
}

/// What stands before and behind the first arrow of a text that begins at `offset`.
fn split_arrow((offset, text): PatternText<'_>) -> (&str, Option<PatternText<'_>>) {
    match text.split_once(ARROW) {
        Some((before, behind)) => (before, Some((offset + before.len() + ARROW.len(), behind))),
        None => (text, None),
    }
}

impl Rule {
    /// Reads a rule. What Wazuh takes without a word and an author cannot mean comes as quirks.
    pub(crate) fn read(
        text: &str,
        variables: &Variables,
        patterns: &mut Patterns,
    ) -> Result<(Self, Vec<Quirk>), Fault> {
        let (negated, rest) = match text.strip_prefix("not ").or_else(|| text.strip_prefix("NOT ")) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut letters = rest.chars();
        let letter = letters.next();
        let read = match TYPES.into_iter().find(|(known, _)| Some(*known) == letter) {
            Some((_, read)) => read,
            None if letter == Some('r') => return Err(Fault::RegistryRule),
            None => return Err(Fault::RuleType(short(text))),
        };
        let body = letters.as_str().strip_prefix(':').ok_or_else(|| Fault::NoColon(short(text)))?;
        let offset = text.len() - body.len();
        let mut quirks = Vec::new();
        let target = read(&mut Body { text: body, offset, variables, patterns, quirks: &mut quirks })?;
        let text = match &target {
            Target::Process { .. } => text.to_owned(),
            _ => variables.replace_location(text).ok_or(Fault::too_long())?,
        };
        Ok((Self { text: text.into(), negated, target }, quirks))
    }

    /// What the rule's result is, given that of what it looks at: `not` exchanges found and not found.
    #[must_use]
    pub fn outcome(&self, of_target: RuleOutcome) -> RuleOutcome {
        match of_target {
            RuleOutcome::Found if self.negated => RuleOutcome::NotFound,
            RuleOutcome::NotFound if self.negated => RuleOutcome::Found,
            outcome => outcome,
        }
    }
}
