//! Policies: Sigma rules and the control catalogues that their tags refer to, read from a folder or from
//! the binary itself, and checked so that a rule that is loaded can fire.
//!
//! Policies are hostile input as any other: every size and depth has a bound in [`limit`].

#![forbid(unsafe_code)]

mod catalogue;
mod correlation;
mod detection;
mod exception;
mod fault;
mod index;
pub mod limit;
mod load;
mod placeholder;
mod problem;
mod reader;
mod reference;
mod rule;
mod rule_set;
mod source;
mod span;
pub mod yaml;

pub use self::{
    catalogue::{Catalogue, Control, TechniqueEntry},
    correlation::{Bound, Correlation, CorrelationKind, GroupKey, Measure, SequenceTest, TemporalCondition},
    detection::{
        Anchor, Case, Comparison, Condition, ConditionError, ConditionErrorKind, Detection, FieldTest,
        Modifier, Network, Part, Pattern, Predicate, Quantifier, Selection, Subject, TimePart,
    },
    exception::Exception,
    fault::Fault,
    load::{BUILTIN, Loaded, embedded, embedded_catalogue, load_dir, load_paths, parse, parse_rules},
    problem::{Gravity, Mode, Problem},
    rule::{Expectation, Origin, Rule, RuleTest, Status},
    rule_set::RuleSet,
    source::{SourceError, SourceFile, embedded_files, yaml_files},
    yaml::{Place, YamlError},
};
