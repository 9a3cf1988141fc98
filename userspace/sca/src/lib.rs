//! Security configuration assessment: policies in Wazuh's SCA format, read as the stock agent (4.x) reads them and
//! evaluated by an engine of our own.
//!
//! What a policy says is pure data ([`Policy`], [`Rule`], [`Content`]), and so is what becomes of its rules' results
//! ([`Aggregate`]). Policies are hostile input as any other: every size has a bound in [`limit`].

#![forbid(unsafe_code)]

mod compliance;
mod content;
mod fault;
pub mod host;
pub mod limit;
mod load;
mod policy;
mod problem;
mod rule;
mod verdict;

pub use self::{
    content::{Content, LineVerdict},
    fault::Fault,
    load::{Loaded, Parsed, embedded, load_paths, parse},
    policy::{Check, Compliance, Condition, Policy, Requirements},
    problem::{Effect, Problem},
    rule::{Entries, Rule, Target},
    verdict::{Aggregate, CheckOutcome, RuleOutcome},
};
