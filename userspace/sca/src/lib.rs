//! Security configuration assessment: policies in Wazuh's SCA format, read as the stock agent (4.x) reads them and
//! evaluated by an engine of our own.
//!
//! What a policy says is pure data ([`Policy`], [`Rule`], [`Content`]), and so is what becomes of its rules' results
//! ([`Aggregate`]). [`host`] is all access to the scanned host. [`scan`] brings both together: what all checks need to see
//! is planned, looked at once, and judged. Policies are hostile input as any other: every size has a bound in [`limit`].

#![forbid(unsafe_code)]

mod compliance;
mod content;
mod detail;
mod evidence;
mod fault;
pub mod host;
mod judge;
pub mod limit;
mod load;
mod observation;
mod observe;
mod plan;
mod policy;
mod problem;
mod report;
mod rule;
mod scan;
mod verdict;

pub use self::{
    content::{Content, LineVerdict},
    evidence::{Evidence, Line, Observed, RuleEvidence, SHOWN_OBSERVATIONS, SHOWN_RULES},
    fault::Fault,
    load::{Loaded, Parsed, embedded, load_paths, parse},
    policy::{Check, Compliance, Condition, Policy, Requirements},
    problem::{Effect, Problem},
    report::{CheckReport, CommandTime, PolicyReport, ScanReport, Skipped},
    rule::{Entries, Rule, Target},
    scan::{ScanEvent, scan},
    verdict::{Aggregate, CheckOutcome, RuleOutcome},
};
