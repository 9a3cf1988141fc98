//! What one rule asks of the host.

use std::sync::Arc;

use crate::{Content, NamePattern, RuleOutcome};

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
    /// `p:` running processes, by their names as the kernel has them (15 bytes).
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

impl Rule {
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
