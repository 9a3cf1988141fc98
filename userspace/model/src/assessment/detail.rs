use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

/// The controls that a check answers, by the keys of its policy: such as `cis` or `nist_800_53`, and ids as they are written.
pub type Compliance = BTreeMap<Arc<str>, Vec<Arc<str>>>;

/// What a check asks, as its policy has it, and what was looked at for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckDetail {
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Arc<str>>,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<Arc<str>>,
    /// How its rules come together: `all`, `any` or `none`.
    pub condition: Arc<str>,
    /// Its rules as they are written, the policy's variables replaced.
    pub rules: Vec<Arc<str>>,
    /// The controls that it answers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub compliance: Compliance,
    /// Where to read more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Arc<str>>,
    /// What its rules name, as far as they were evaluated.
    pub looked_at: LookedAt,
}

/// What rules name of a host: each thing once, in the order of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LookedAt {
    /// Paths of files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Arc<str>>,
    /// Paths of folders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<Arc<str>>,
    /// Patterns that names of processes were compared with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Arc<str>>,
    /// Command lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Arc<str>>,
}
