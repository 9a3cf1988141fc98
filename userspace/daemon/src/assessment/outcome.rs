use std::sync::Arc;

use rampart_sca::{CheckReport, ScanEvent, ScanReport, Skipped};
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

impl From<ScanEvent<'_>> for Line {
    fn from(event: ScanEvent<'_>) -> Self {
        match event {
            ScanEvent::Check(policy, check) => Self::Check {
                policy: Arc::clone(&policy.id),
                name: Arc::clone(&policy.name),
                check: Box::new(check.clone()),
            },
            ScanEvent::Skipped(policy, skipped) => Self::Skipped {
                policy: Arc::clone(&policy.id),
                name: Arc::clone(&policy.name),
                skipped: Box::new(skipped.clone()),
            },
        }
    }
}
