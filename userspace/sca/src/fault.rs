use rampart_pattern::PatternError;

use crate::limit;

/// What can be wrong with an SCA policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file cannot be read, is too large, no text or no YAML.
    #[error(transparent)]
    File(#[from] rampart_policy::Fault),
    /// A bound of [`limit`] is exceeded.
    #[error("too much: {what} is more than {bound}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        bound: usize,
    },
    /// The file has no document, or more than one.
    #[error("the file has {0} YAML documents, and a policy is one")]
    Documents(usize),
    /// A value of the wrong form.
    #[error("{what} must be {expected}, not {found}")]
    Expected {
        /// The name of the thing.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A key that must be there is not.
    #[error("{what} has no `{key}`")]
    MissingKey {
        /// What lacks it.
        what: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A key that means nothing.
    #[error("{what} has no key `{key}`")]
    UnknownKey {
        /// What has it.
        what: &'static str,
        /// The key.
        key: String,
        /// The keys there are.
        known: &'static [&'static str],
    },
    /// A key that is there a second time.
    #[error("`{0}` is there twice: the first counts")]
    RepeatedKey(String),
    /// A policy's id that another one has.
    #[error("the policy `{id}` is already loaded from {first}")]
    DuplicatePolicy {
        /// The id.
        id: String,
        /// Where the other one is.
        first: String,
    },
    /// A check's id that another one has, of this policy or of one before it.
    #[error("the check {id} is already at {first}")]
    DuplicateCheck {
        /// The id.
        id: u32,
        /// Where the other one is, as file:line:column.
        first: String,
    },
    /// A variable's name that Wazuh does not take.
    #[error("`{0}` is no name of a variable")]
    VariableName(String),
    /// A rule that begins with none of the types.
    #[error("the rule `{0}` begins with no type")]
    RuleType(String),
    /// A rule about Windows' registry.
    #[error("the rule is about Windows' registry")]
    RegistryRule,
    /// A rule whose type has no colon behind it.
    #[error("the rule `{0}` has no colon behind its type")]
    NoColon(String),
    /// A regular expression that does not compile, which is no error for Wazuh.
    #[error("this expression never matches: {0}")]
    NeverMatches(PatternError),
    /// A pattern that no engine takes.
    #[error("bad pattern: {0}")]
    Pattern(PatternError),
    /// A numeric comparison that can only be invalid.
    #[error("this comparison can never be made: {0}")]
    NeverCompares(String),
    /// A sign on the right side of a comparison.
    #[error("the comparison is with the number behind the sign, which is not read")]
    Sign,
    /// A path that begins or ends with a blank.
    #[error("the blanks around `{0}` are part of the path")]
    BlankInPath(String),
    /// A list of paths that has none.
    #[error("the rule names no path: it is never found")]
    NoPath,
    /// A command rule without a pattern.
    #[error("a command without a pattern is not run, and always found")]
    NeverRun,
    /// A process rule written as the others are.
    #[error("in a `p:` rule an arrow is part of the pattern")]
    ArrowInProcess,
    /// An entry of `compliance` with more keys than one.
    #[error("only the first key of an entry is read, which is `{0}`")]
    ComplianceKeys(String),
    /// A control that its framework's catalogue does not have.
    #[error("unknown control `{0}`")]
    UnknownControl(String),
    /// A technique that the catalogue does not have.
    #[error("unknown technique `{0}`")]
    UnknownTechnique(String),
}

impl Fault {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::File(fault) => fault.help(),
            Self::TooMuch { .. } => "split it, or remove what is not needed".to_owned(),
            Self::Documents(_) => "put each policy into a file of its own".to_owned(),
            Self::Expected { expected, .. } => format!("write {expected}"),
            Self::MissingKey { key, .. } => format!("add `{key}:`"),
            Self::UnknownKey { known, .. } => format!("the keys are {}", known.join(", ")),
            Self::RepeatedKey(_) => "remove one of the two".to_owned(),
            Self::DuplicatePolicy { .. } | Self::DuplicateCheck { .. } => {
                "give it an id of its own, or load only one of the two".to_owned()
            }
            Self::VariableName(_) => "write it with a `$` in front, such as $sshd".to_owned(),
            Self::RuleType(text) if text.starts_with('!') => "write `not ` in front instead of `!`".to_owned(),
            Self::RuleType(_) => "begin with f:, d:, p: or c:, or with `not ` before it; nothing else, no blank"
                .to_owned(),
            Self::RegistryRule => "remove the rule: this host has no registry".to_owned(),
            Self::NoColon(_) => "write it as f:, d:, p: or c:".to_owned(),
            Self::NeverMatches(_) => {
                "correct the expression; osregex has the escapes \\w \\d \\s \\t \\p \\. \\W \\D \\S and \\( \\) \\\\ \
                 \\$ \\| \\< only"
                    .to_owned()
            }
            Self::Pattern(_) => "make it shorter".to_owned(),
            Self::NeverCompares(_) => {
                "write n:EXPRESSION compare OPERATOR NUMBER, the expression with one group, such as \
                 n:^MaxAuthTries (\\d+) compare <= 4"
                    .to_owned()
            }
            Self::Sign => "compare with a number that has no sign".to_owned(),
            Self::BlankInPath(_) => "write the paths with commas and no blanks between them".to_owned(),
            Self::NoPath => "write a path behind the colon".to_owned(),
            Self::NeverRun => "add ` -> ` and a pattern, such as r:\\.* for any output".to_owned(),
            Self::ArrowInProcess => "write the pattern only, such as p:r:^kubelet$".to_owned(),
            Self::ComplianceKeys(_) => "give each key an entry of its own".to_owned(),
            Self::UnknownControl(tag) => {
                let framework = tag.split('.').next().unwrap_or_default();
                format!("correct it, or add it to controls/{framework}.yml")
            }
            Self::UnknownTechnique(_) => "correct it, or add it to controls/attack.yml".to_owned(),
        }
    }

    pub(crate) const fn too_long() -> Self {
        Self::TooMuch {
            what: "the length of the rule with its variables replaced, in bytes,",
            bound: limit::RULE_BYTES,
        }
    }
}
