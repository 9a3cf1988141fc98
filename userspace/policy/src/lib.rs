//! Policies: Sigma rules and the control catalogues that their tags refer to, read from a folder or from
//! the binary itself, and checked so that a rule that is loaded can fire.
//!
//! Policies are hostile input as any other: every size and depth has a bound in [`limit`].

#![forbid(unsafe_code)]

mod catalogue;
mod detection;
mod fault;
pub mod limit;
mod load;
mod problem;
mod reader;
mod rule;
mod source;
pub mod yaml;

pub use self::{
    catalogue::{Catalogue, Control, TechniqueEntry},
    detection::{
        Case, Comparison, Condition, ConditionError, ConditionErrorKind, Detection, FieldTest, Modifier,
        Network, Part, Pattern, Predicate, Quantifier, Selection,
    },
    fault::Fault,
    load::{Loaded, embedded, load_dir, load_paths, parse_rules},
    problem::{Gravity, Mode, Problem},
    rule::{Expectation, Origin, Rule, RuleSet, RuleTest, Status},
    source::SourceError,
    yaml::{Place, YamlError},
};
