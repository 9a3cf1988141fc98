//! What a policy says.

use std::sync::Arc;

use rampart_policy::Place;

use crate::Rule;

/// One policy file: a list of checks, and when they make sense.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its id, which no other loaded policy has.
    pub id: Arc<str>,
    /// Its name, for people.
    pub name: Arc<str>,
    /// What the policy calls its own file; Wazuh shows it.
    pub file: Arc<str>,
    /// What it is about.
    pub description: Arc<str>,
    /// Where to read more.
    pub references: Vec<Arc<str>>,
    /// Where it was read from, for messages.
    pub origin: Arc<str>,
    /// SHA-256 of the file: Wazuh's manager asks for all results again when it changes.
    pub digest: [u8; 32],
    /// What must hold for the policy to run at all.
    pub requirements: Option<Requirements>,
    /// The checks, in the order of the file.
    pub checks: Vec<Check>,
}

impl Policy {
    /// The name of its file without the extension: what people call it by.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.file.rsplit_once('.').map_or(&*self.file, |(stem, _)| stem)
    }

    /// Leaves out the checks of a higher CIS level; those that say nothing of a level stay.
    pub fn keep_level(&mut self, level: u8) {
        self.checks.retain(|check| check.level().is_none_or(|of_check| of_check <= level));
    }
}

/// What must hold for a policy to run: evaluated as a check is, and the policy runs if it passes.
#[derive(Debug, Clone)]
pub struct Requirements {
    /// What is required.
    pub title: Arc<str>,
    /// More about it.
    pub description: Arc<str>,
    /// How the rules come together.
    pub condition: Condition,
    /// The rules, at least one.
    pub rules: Vec<Rule>,
}

/// One question about the host that is answered by passed, failed or not applicable.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its number, which no other check of any loaded policy has.
    pub id: u32,
    /// What is asked.
    pub title: Arc<str>,
    /// More about it.
    pub description: Option<Arc<str>>,
    /// Why it matters.
    pub rationale: Option<Arc<str>>,
    /// What to do if it fails.
    pub remediation: Option<Arc<str>>,
    /// Where to read more.
    pub references: Vec<Arc<str>>,
    /// What it answers, by the keys of the policy.
    pub compliance: Vec<Compliance>,
    /// How the rules come together.
    pub condition: Condition,
    /// The rules, 1 to [`RULES_PER_CHECK`](crate::limit::RULES_PER_CHECK).
    pub rules: Vec<Rule>,
    /// Where it stands in [`Policy::origin`].
    pub place: Place,
}

/// One entry of a check's `compliance`: a key of the author's choice, such as `cis` or `nist_800_53`, and the ids under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compliance {
    /// The key.
    pub key: Arc<str>,
    /// The ids, as they are written.
    pub ids: Vec<Arc<str>>,
}

/// How the results of a check's rules come together; see [`Aggregate`](crate::Aggregate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Passed if every rule is found.
    All,
    /// Passed if a rule is found.
    Any,
    /// Passed if no rule is found.
    None,
}

impl Condition {
    /// Every condition.
    pub const ALL: [Self; 3] = [Self::All, Self::Any, Self::None];

    /// How policies write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::None => "none",
        }
    }

    /// The condition of that name. Wazuh's old spellings `all required` and `any required` mean the same as without
    /// `required`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "all required" => Some(Self::All),
            "any required" => Some(Self::Any),
            _ => Self::ALL.into_iter().find(|condition| condition.name() == name),
        }
    }
}
