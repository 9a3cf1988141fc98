use std::sync::Arc;

use serde::Serialize;

use crate::{Assessment, ControlRef, Event, EventKind, FileChange, Severity, Target, Technique, Timestamp};

/// Version of the JSON form of findings. Additions do not change it.
pub const SCHEMA_VERSION: &str = "1.0";

/// A finding's own id, a random UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct FindingId(uuid::Uuid);

impl FindingId {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4())
    }
}

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The rule that raised a finding, with all that it implies, resolved when the rule was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule's UUID.
    pub id: Arc<str>,
    /// Its title.
    pub title: Arc<str>,
    /// What it means and what an analyst should do.
    pub description: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// ATT&CK techniques.
    pub techniques: Arc<[Technique]>,
    /// Controls of all frameworks, by the rule's own tags and by what its techniques imply.
    pub controls: Arc<[ControlRef]>,
    /// Links.
    pub references: Arc<[Arc<str>]>,
}

/// A report of rampart on itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// A rule file was refused; the others are in force.
    RuleRefused {
        /// File, line and remedy.
        error: String,
    },
    /// Rules were to be loaded again and are not good: those that were in force stay.
    ReloadRefused {
        /// File, line and remedy.
        error: String,
    },
    /// Events are lost.
    EventsLost {
        /// The kind of event.
        kind: EventKind,
        /// Where: `hook`, `ring` or `decode`.
        stage: &'static str,
        /// How it goes.
        phase: Phase,
    },
    /// A rule makes more findings than are let through: of the others only how many there are is known.
    FindingsLimited {
        /// The rule.
        rule: Arc<RuleRef>,
        /// How it goes.
        phase: Phase,
    },
    /// An exception's time is over: the rules apply again.
    ExceptionExpired {
        /// What it was for.
        title: Arc<str>,
        /// Who answers for it.
        owner: Option<Arc<str>>,
        /// Since when.
        expired: Timestamp,
    },
    /// A part of rampart is gone and does not come back before the agent is started again.
    ModuleEnded {
        /// Which part.
        module: &'static str,
        /// Why.
        error: Arc<str>,
    },
    /// A sink does not take findings, and there is no more room to keep them: the oldest of the mildest are dropped.
    FindingsDropped {
        /// The sink.
        sink: Arc<str>,
        /// How it goes.
        phase: Phase,
    },
    /// Findings that have not arrived cannot be kept on disk: they are kept in memory, as many as there is room for.
    SpoolUnavailable {
        /// Why.
        error: Arc<str>,
        /// How it goes: the count is of attempts.
        phase: Phase,
    },
    /// A process does something more often than can be told one by one: only how often is known.
    EventsSummarised {
        /// Who.
        process: Target,
        /// What.
        kind: EventKind,
        /// How it goes.
        phase: Phase,
    },
}

/// Where something that lasts has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It has just begun.
    Began {
        /// Events so far.
        count: u64,
    },
    /// It is over: nothing more came for a while.
    Ended {
        /// Events in all, those at its beginning included.
        count: u64,
        /// How long it lasted, in seconds.
        seconds: u64,
    },
}

/// What belongs to a match beyond its event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Of a correlation: the matches that made it fire, of which the event is the last.
    pub correlation: Option<Arc<Correlated>>,
    /// The same has happened more than once, and this finding stands for all that came after the first.
    pub repeated: Option<Repeated>,
    /// Whether what is said of the pod is all that there is to say.
    pub completeness: Completeness,
}

/// How much of its pod a finding knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Completeness {
    /// All there is, or nobody knows more.
    #[default]
    Complete,
    /// The API server has not told of it in time: a finding of the same id may come with more.
    Incomplete,
    /// It comes for a second time, by the same id, with what was missing.
    Completed,
}

/// Matches that a correlation looked at together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlated {
    /// What is the same in all of them.
    pub group: Box<[GroupValue]>,
    /// How many there are within the timespan.
    pub matches: u64,
    /// What was counted or measured, in words.
    pub measured: Box<str>,
    /// When the first of them was.
    pub first: Timestamp,
}

/// A value that matches have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupValue {
    /// The field's or alias's name.
    pub name: Arc<str>,
    /// What it is; none where no event of the group has it.
    pub value: Option<Box<str>>,
}

/// How often the same has happened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// Times after the first, which had a finding of its own.
    pub count: u64,
    /// When that first was.
    pub first: Timestamp,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An event that a rule matched.
    Runtime {
        /// The event.
        event: Arc<Event>,
        /// The rule.
        rule: Arc<RuleRef>,
        /// What else belongs to it.
        context: Context,
    },
    /// How the host is set up.
    Assessment(Box<Assessment>),
    /// A file of the host.
    File(Box<FileChange>),
    /// Rampart itself.
    Health(Health),
}

/// Something a person should know: the one thing that all modules produce and all sinks take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its own id.
    pub id: FindingId,
    /// When what it reports happened.
    pub time: Timestamp,
    /// The node's name.
    pub node: Arc<str>,
    /// What it is about.
    pub subject: Subject,
}

impl Finding {
    /// Whether it has been told before by the same id, with less.
    #[must_use]
    pub const fn is_told_again(&self) -> bool {
        matches!(
            &self.subject,
            Subject::Runtime { context: Context { completeness: Completeness::Completed, .. }, .. }
        )
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match &self.subject {
            Subject::Runtime { rule, .. } => rule.severity,
            Subject::Assessment(assessment) => assessment.severity(),
            Subject::File(change) => change.severity(),
            Subject::Health(_) => Severity::Medium,
        }
    }
}
