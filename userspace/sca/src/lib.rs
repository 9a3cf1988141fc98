//! Security configuration assessment: policies in Wazuh's SCA format, read as the stock agent (4.x) reads them and
//! evaluated by an engine of our own.
//!
//! What a policy says is pure data ([`Policy`], [`Rule`], [`Content`]), and so is what becomes of its rules' results
//! ([`Aggregate`]). Policies are hostile input as any other: every size has a bound in [`limit`].

#![forbid(unsafe_code)]

mod content;
pub mod host;
pub mod limit;
mod pattern;
mod policy;
mod rule;
mod verdict;

pub use self::{
    content::{Content, LineVerdict},
    pattern::{Dialect, NamePattern},
    policy::{Check, Compliance, Condition, Policy, Requirements},
    rule::{Entries, Rule, Target},
    verdict::{Aggregate, CheckOutcome, RuleOutcome},
};
