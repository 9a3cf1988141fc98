use rampart_model::{Category, Field, Framework, RecordError, UnknownField};

use crate::{ConditionError, Modifier, Status, Subject, YamlError, limit};

/// What can be wrong with a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The operating system does not let us have the file.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A bound of [`limit`] is exceeded.
    #[error("too much: {what} is more than {bound}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        bound: u64,
    },
    /// A file under `controls` whose name is no framework's.
    #[error("no catalogue has this name")]
    StrayCatalogue,
    /// Not UTF-8.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// Not YAML.
    #[error("not valid YAML: {0}")]
    Yaml(#[from] YamlError),
    /// A value of the wrong form.
    #[error("{what} must be {expected}, not {found}")]
    Expected {
        /// The name of the thing.
        what: String,
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
        known: Vec<&'static str>,
    },
    /// A part of Sigma that is not built yet.
    #[error("{what} is not supported")]
    Unsupported {
        /// What it is.
        what: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// A category that is not one of [`Category::ALL`].
    #[error("unknown category `{0}`")]
    UnknownCategory(String),
    /// A field that is not one of [`Field::ALL`].
    #[error(transparent)]
    UnknownField(#[from] UnknownField),
    /// A field that events of the category never have: a rule that asks for it could not fire.
    #[error("events of {category} never have `{field}`")]
    FieldOfOthers {
        /// The field.
        field: Field,
        /// The category of the rule, or of the test event.
        category: Category,
    },
    /// A rule that its author has taken out of use.
    #[error("the rule is {0}")]
    OutOfUse(Status),
    /// A modifier that Sigma does not have.
    #[error("unknown modifier `{0}`")]
    UnknownModifier(String),
    /// A modifier that cannot be used there.
    #[error("{} cannot be asked with `{modifier}`: {reason}", .subject.quoted())]
    MisplacedModifier {
        /// What is asked.
        subject: Subject,
        /// The modifier.
        modifier: Modifier,
        /// Why not.
        reason: &'static str,
    },
    /// Values for a list that no file has.
    #[error("there is no list `{0}` to add to")]
    NoListToAddTo(String),
    /// A placeholder of which there is no list.
    #[error("there are no values for the placeholder `%{0}%`")]
    UnknownPlaceholder(String),
    /// A regular expression that does not compile.
    #[error("bad regular expression: {0}")]
    Regex(String),
    /// A condition that does not parse.
    #[error("condition: {0}")]
    Condition(#[from] ConditionError),
    /// A selection that the condition does not mention.
    #[error("the selection `{0}` is not used in the condition")]
    UnusedSelection(String),
    /// A tag of a namespace that neither Sigma nor we have.
    #[error("unknown tag `{0}`")]
    UnknownTag(String),
    /// A technique that the catalogue does not have.
    #[error("unknown technique `{0}`")]
    UnknownTechnique(String),
    /// A tactic that the catalogue does not have.
    #[error("unknown tactic `{0}`")]
    UnknownTactic(String),
    /// A control that its framework's catalogue does not have.
    #[error("unknown control `{0}`")]
    UnknownControl(String),
    /// An id that is taken.
    #[error("the id `{id}` is already used at {first}")]
    DuplicateId {
        /// The id.
        id: String,
        /// Who has it, as file:line:column.
        first: String,
    },
    /// A name that is taken.
    #[error("the name `{name}` is already used at {first}")]
    DuplicateName {
        /// The name.
        name: String,
        /// Who has it, as file:line:column.
        first: String,
    },
    /// A key that Sigma can do without, and a rule that is ours cannot.
    #[error("{what} has no `{key}`")]
    Unsaid {
        /// What lacks it.
        what: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A rule on what a service writes down.
    #[error("the log of `{0}` is not read: rampart sees what the kernel does, not what services write down")]
    Service(String),
    /// A rule on any log there is.
    #[error("`logsource` has no `category`: rampart reads no logs, and a rule is about one kind of event")]
    NoCategory,
    /// A reference to a rule that is not there.
    #[error("there is no rule `{name}`{}", .suggestion.as_ref().map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
    UnknownRule {
        /// Its id or name.
        name: String,
        /// The nearest name there is, if one is near.
        suggestion: Option<String>,
    },
    /// A reference to a rule that is there and that was refused.
    #[error("it refers to `{name}`, which was refused at {origin}")]
    RefusedRule {
        /// Its id or name.
        name: String,
        /// Where it stands, as file:line:column.
        origin: String,
    },
    /// A reference that is there twice.
    #[error("the rule `{0}` is named twice")]
    RepeatedRule(String),
    /// A correlation that refers to itself.
    #[error("the correlation refers to itself, by way of `{0}`")]
    Cycle(String),
    /// A rule named within a correlation that is not among those it refers to.
    #[error("`{0}` is not among the correlation's `rules`")]
    ForeignRule(String),
    /// A rule that a correlation refers to and its condition does not mention.
    #[error("the rule `{0}` is not used in the condition")]
    UnusedRule(String),
    /// An alias that nothing is grouped by.
    #[error("the alias `{0}` is not used in `group-by`")]
    UnusedAlias(String),
    /// A calculation over a field that holds no number.
    #[error("`{0}` holds no number")]
    NotANumber(Field),
    /// Bounds that no number keeps to.
    #[error("the condition can never hold")]
    NeverHolds,
    /// An exception whose rules are of another category than it is.
    #[error("the rule `{rule}` is of the category {category}, so this is never true of it")]
    OtherCategory {
        /// The rule's id or name.
        rule: String,
        /// Its category.
        category: Category,
    },
    /// `action: repeat` without anything before it.
    #[error("there is no document that could be repeated")]
    NothingToRepeat,
    /// A test event that is none.
    #[error("test event: {0}")]
    Event(RecordError),
    /// A rule without a test that it must pass.
    #[error("the rule has no event under `tests: {0}`")]
    MissingTests(&'static str),
    /// A correlation without events that it must stand the test of.
    #[error("the correlation has no events under `tests: {0}`")]
    MissingSequences(&'static str),
}

/// What becomes of a fault, and of the rule that has it, in [`Mode::Lenient`](crate::Mode::Lenient).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leniency {
    /// An error all the same.
    Refuse,
    /// A warning, and the rule is left out: without the faulty part it would mean something else.
    LeaveOut,
    /// A warning, and the rule is kept: the faulty part decides nothing.
    Keep,
    /// Nothing to say.
    Ignore,
}

impl Fault {
    pub(crate) const fn leniency(&self) -> Leniency {
        match self {
            Self::UnknownField(_)
            | Self::FieldOfOthers { .. }
            | Self::OutOfUse(_)
            | Self::UnknownCategory(_)
            | Self::Unsupported { .. }
            | Self::UnknownPlaceholder(_)
            | Self::MisplacedModifier { .. }
            | Self::Service(_)
            | Self::NoCategory
            | Self::RefusedRule { .. }
            | Self::NotANumber(_)
            | Self::OtherCategory { .. } => Leniency::LeaveOut,
            Self::UnknownKey { .. }
            | Self::UnknownTag(_)
            | Self::UnknownTechnique(_)
            | Self::UnknownTactic(_)
            | Self::UnknownControl(_)
            | Self::UnusedAlias(_) => Leniency::Keep,
            Self::Unsaid { .. } | Self::MissingTests(_) | Self::MissingSequences(_) => Leniency::Ignore,
            _ => Leniency::Refuse,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unreadable(_) => "make the file readable, or move it out of the folder".to_owned(),
            Self::TooMuch { .. } => "split it, or remove what is not needed".to_owned(),
            Self::StrayCatalogue => {
                format!("the catalogues are attack, {}", Framework::ALL.map(Framework::name).join(", "))
            }
            Self::NotText => "save the file as UTF-8".to_owned(),
            Self::Yaml(_) => "correct the YAML; nothing of this file was loaded".to_owned(),
            Self::Expected { expected, .. } => format!("write {expected}"),
            Self::MissingKey { key, .. } | Self::Unsaid { key, .. } => format!("add `{key}:`"),
            Self::UnknownKey { known, .. } => format!("the keys are {}", known.join(", ")),
            Self::Unsupported { instead, .. } => (*instead).to_owned(),
            Self::UnknownCategory(_) => {
                format!("the categories are {}", Category::ALL.map(Category::name).join(", "))
            }
            Self::UnknownField(unknown) => unknown.suggestion.map_or_else(
                || "all fields are listed in docs/reference/fields.md".to_owned(),
                |field| format!("`{field}` is: {}", field.description()),
            ),
            Self::UnknownModifier(_) => {
                format!("the modifiers are {}", Modifier::ALL.map(Modifier::name).join(", "))
            }
            Self::FieldOfOthers { field, .. } => {
                let categories = Category::ALL.into_iter().filter(|category| field.is_of(category.kind()));
                format!("it is of {}", categories.map(Category::name).collect::<Vec<_>>().join(", "))
            }
            Self::OutOfUse(_) => "remove it, or give it another `status` if it is to be used".to_owned(),
            Self::MisplacedModifier { subject, .. } => subject.help(),
            Self::NoListToAddTo(name) => {
                format!("write `{name}:` without the plus, or load the policies that have the list as well")
            }
            Self::UnknownPlaceholder(name) => {
                format!("write `{name}:` with its values into a file of the folder `placeholders`")
            }
            Self::Regex(_) => {
                format!(
                    "Rust's regex syntax, no look-around or back-references, {} bytes",
                    limit::REGEX_BYTES
                )
            }
            Self::Condition(error) => error.help(),
            Self::UnusedSelection(_) => "use it in the condition, or remove it".to_owned(),
            Self::UnknownTag(_) => {
                "tags are attack.<technique or tactic> and <framework>.<control>, such as attack.t1496 or \
                 nist_800_53.si-4"
                    .to_owned()
            }
            Self::UnknownTechnique(_) | Self::UnknownTactic(_) => {
                "correct the tag, or add it to controls/attack.yml".to_owned()
            }
            Self::UnknownControl(tag) => {
                let framework = tag.split('.').next().unwrap_or_default();
                format!("correct the tag, or add it to controls/{framework}.yml")
            }
            Self::DuplicateId { .. } => "give the rule an id of its own, such as `uuidgen` prints".to_owned(),
            Self::DuplicateName { .. } => "give it a name of its own".to_owned(),
            Self::Service(name) => service_help(name),
            Self::NoCategory => "add `category:`, such as process_creation".to_owned(),
            Self::UnknownRule { .. } => {
                "name a rule or correlation of this set by its `id` or `name`".to_owned()
            }
            Self::RefusedRule { .. } => "correct that one first".to_owned(),
            Self::RepeatedRule(_) => "name it once, by its `id` or by its `name`".to_owned(),
            Self::Cycle(_) => "take one of the references out".to_owned(),
            Self::ForeignRule(_) => "name it as it stands under `rules:`, or add it there".to_owned(),
            Self::UnusedRule(_) => "use it in the condition, or take it out of `rules:`".to_owned(),
            Self::UnusedAlias(_) => "group by it, or remove it".to_owned(),
            Self::NotANumber(field) => format!("`{field}` is: {}", field.description()),
            Self::NeverHolds => "correct the bounds: some number must keep to all of them".to_owned(),
            Self::OtherCategory { category, .. } => {
                format!("take the rule out, or write `category: {category}`")
            }
            Self::NothingToRepeat => "put it behind the document that it repeats".to_owned(),
            Self::Event(error) => event_help(error),
            Self::MissingTests(list) => {
                let what = if *list == "match" { "must" } else { "must not" };
                format!("add an event that the rule {what} match, such as `- Image: /usr/bin/example`")
            }
            Self::MissingSequences(list) => {
                let what = if *list == "match" { "must" } else { "must not" };
                format!("add a list of events, in their order, on which it {what} fire")
            }
        }
    }
}

fn service_help(name: &str) -> String {
    match name {
        "auditd" => {
            "most of what it logs are events of rampart's own: ask for them by their category, such as \
                     process_creation, with rampart's fields"
                .to_owned()
        }
        _ => "leave it to what reads that log, or ask for what the service does by a category, such as \
              process_creation"
            .to_owned(),
    }
}

fn event_help(error: &RecordError) -> String {
    match error {
        RecordError::UnknownField(unknown) => Fault::UnknownField(unknown.clone()).help(),
        RecordError::Type { expected, .. } => format!("write {expected}"),
        RecordError::Category => "write one of them, or leave it out: it is the rule's".to_owned(),
        RecordError::Time => "write it as 2026-01-31T12:00:00Z, or leave it out".to_owned(),
        RecordError::NotAnObject => "write one `Field: value` per line".to_owned(),
    }
}
