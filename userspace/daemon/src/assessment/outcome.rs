use std::sync::Arc;

use rampart_sca::{CheckReport, ScanReport, Skipped};
use serde::{Deserialize, Serialize};

/// A line of what a scan answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// A check's result stands.
    Check {
        /// The policy's id.
        policy: Arc<str>,
        /// The policy's name.
        name: Arc<str>,
        /// The result.
        check: Box<CheckReport>,
    },
    /// A policy does not apply.
    Skipped {
        /// The policy's id.
        policy: Arc<str>,
        /// The policy's name.
        name: Arc<str>,
        /// Why.
        skipped: Box<Skipped>,
    },
    /// All results.
    Scan(ScanReport),
    /// The answer to one request has ended.
    Done {
        /// Why there is not all of it.
        failure: Option<String>,
    },
}
