//! Results of policies as managers take them: the JSON behind `p:sca:`.
//!
//! A manager keeps one result for each check of an agent, and a hash over all of a policy. It learns of changes by
//! [`CheckEvent`]s and of the whole by a [`Summary`]. Where that has another hash than it has itself, it asks for all results
//! (`#!-sca-dump:ID:F`): these come as [`CheckEvent`]s and a [`DumpEnd`].

use std::{collections::BTreeMap, sync::Arc};

use serde::{Serialize, Serializer, ser::SerializeMap as _};

/// What stands before the JSON in a message: the queue and the location.
pub const PREFIX: &str = "p:sca:";

/// Lists of texts are one text to a manager.
const COMMA: &str = ",";

/// The result of a check.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename = "check")]
pub struct CheckEvent<'a> {
    /// Which scan of the policy, from 0 to 2^31 - 1.
    pub id: u32,
    /// The policy's name.
    pub policy: &'a str,
    /// The policy's id.
    pub policy_id: &'a str,
    /// The check.
    pub check: Check<'a>,
}

/// A check and its result.
#[derive(Debug, Clone, Serialize)]
pub struct Check<'a> {
    /// Its number.
    pub id: u32,
    /// What is asked.
    pub title: &'a str,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<&'a str>,
    /// What to do if it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<&'a str>,
    /// What it answers, by the keys of the policy.
    #[serde(serialize_with = "joined_values")]
    pub compliance: &'a BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Its rules.
    pub rules: &'a [Arc<str>],
    /// `all`, `any` or `none`.
    pub condition: &'a str,
    /// Where to read more.
    #[serde(skip_serializing_if = "is_empty", serialize_with = "joined")]
    pub references: &'a [Arc<str>],
    /// Files that were looked at.
    #[serde(rename = "file", skip_serializing_if = "is_empty", serialize_with = "joined")]
    pub files: &'a [Arc<str>],
    /// Folders that were looked at.
    #[serde(rename = "directory", skip_serializing_if = "is_empty", serialize_with = "joined")]
    pub directories: &'a [Arc<str>],
    /// What names of processes were compared with.
    #[serde(rename = "process", skip_serializing_if = "is_empty", serialize_with = "joined")]
    pub processes: &'a [Arc<str>],
    /// Commands that were run.
    #[serde(rename = "command", skip_serializing_if = "is_empty", serialize_with = "joined")]
    pub commands: &'a [Arc<str>],
    /// How it came out.
    #[serde(flatten)]
    pub outcome: Outcome<'a>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// The host is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// It has no meaning here, or cannot be told, for that reason.
    NotApplicable(&'a str),
}

impl Serialize for Outcome<'_> {
    /// What does not apply has a status instead of a result.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Passed => map.serialize_entry("result", "passed")?,
            Self::Failed => map.serialize_entry("result", "failed")?,
            Self::NotApplicable(reason) => {
                map.serialize_entry("status", "Not applicable")?;
                map.serialize_entry("reason", reason)?;
            }
        }
        map.end()
    }
}

/// A policy as a whole.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename = "summary")]
pub struct Summary<'a> {
    /// Which scan of the policy, as in [`CheckEvent::id`].
    pub scan_id: u32,
    /// The policy's name.
    pub name: &'a str,
    /// The policy's id.
    pub policy_id: &'a str,
    /// What the policy calls its own file.
    pub file: &'a str,
    /// What it is about.
    pub description: &'a str,
    /// Where to read more.
    #[serde(skip_serializing_if = "is_empty", serialize_with = "joined")]
    pub references: &'a [Arc<str>],
    /// Checks that passed.
    pub passed: u64,
    /// Checks that failed.
    pub failed: u64,
    /// Checks that do not apply.
    pub invalid: u64,
    /// All of these.
    pub total_checks: u64,
    /// Of those that passed or failed, how many passed, in per cent.
    pub score: f64,
    /// When the scan began, in seconds since 1970.
    pub start_time: i64,
    /// When it ended, in seconds since 1970.
    pub end_time: i64,
    /// SHA-256 over the results.
    pub hash: &'a str,
    /// SHA-256 of the policy's file.
    pub hash_file: &'a str,
    /// Why it is sent.
    #[serde(flatten)]
    pub occasion: Occasion,
}

/// Why a summary is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The policy was scanned for the first time: no results were sent before, and the manager asks for all.
    First,
    /// It was scanned again.
    Again,
    /// The manager has asked, after the first scan: it makes an alert of the summary even if it has the same already.
    Asked,
}

impl Serialize for Occasion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::First => map.serialize_entry("first_scan", &1)?,
            Self::Again => {}
            Self::Asked => map.serialize_entry("force_alert", "1")?,
        }
        map.end()
    }
}

/// All policies that the agent has results of; the manager forgets those of others.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename = "policies")]
pub struct Policies<'a> {
    /// Their ids.
    pub policies: Vec<&'a str>,
}

/// All results that the manager has asked for were sent.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename = "dump_end")]
pub struct DumpEnd<'a> {
    /// The policy's id.
    pub policy_id: &'a str,
    /// How many results there were.
    pub elements_sent: usize,
    /// Which scan they are of.
    pub scan_id: u32,
}

const fn is_empty(texts: &[Arc<str>]) -> bool {
    texts.is_empty()
}

fn joined<S: Serializer>(texts: &[Arc<str>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&texts.join(COMMA))
}

fn joined_values<S: Serializer>(
    map: &BTreeMap<Arc<str>, Vec<Arc<str>>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().map(|(key, ids)| (key, ids.join(COMMA))))
}
