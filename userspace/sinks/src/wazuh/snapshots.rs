use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rampart_model::PolicySnapshot;
use rampart_wazuh::{
    Step,
    sca::{DumpEnd, Occasion, PREFIX, Policies},
};
use tokio::sync::watch;

use super::{
    encode::{MESSAGE_BYTES, message},
    sca,
};

/// Between the last result that a manager has asked for and the word that it was the last: a manager looks at results side by
/// side, and must have seen all of them.
const BEFORE_END: Duration = Duration::from_secs(5);

/// From there to the summary.
const BEFORE_SUMMARY: Duration = Duration::from_secs(2);

/// Policies as they stand after the last scan; none before the first.
pub type Published = Option<Arc<[Arc<PolicySnapshot>]>>;

/// How the policies stand, between who scans and who answers a manager. Nothing of it is kept over a restart: the first scan
/// makes it anew. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Snapshots(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    policies: watch::Sender<Published>,
    unknown: AtomicU64,
}

impl Snapshots {
    /// A scan has ended: these are all policies that apply.
    pub fn publish(&self, policies: Vec<Arc<PolicySnapshot>>) {
        self.0.policies.send_replace(Some(policies.into()));
    }

    /// To wait for the end of the next scan.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Published> {
        self.0.policies.subscribe()
    }

    /// The message that tells a manager of which policies there are results, for each connection and for the end of each scan:
    /// it forgets the others. None before the first scan, and where they are too many for one message, as then it would forget
    /// some that there are.
    #[must_use]
    pub fn policies(&self) -> Option<Vec<u8>> {
        let snapshots = self.0.policies.borrow().clone()?;
        let policies = snapshots.iter().map(|snapshot| &*snapshot.scan.policy.id).collect();
        message(PREFIX, &Policies { policies }).filter(|message| message.len() <= MESSAGE_BYTES)
    }

    /// What answers a manager that asks for all results of a policy; with the summary if it had none before (`first`). Nothing
    /// for a policy that is not known, which is counted.
    #[must_use]
    pub fn sca_dump(&self, policy: &str, first: bool) -> Vec<Step> {
        let snapshots = self.0.policies.borrow().clone().unwrap_or_default();
        let Some(snapshot) = snapshots.iter().find(|snapshot| &*snapshot.scan.policy.id == policy) else {
            self.0.unknown.fetch_add(1, Ordering::Relaxed);
            return Vec::new();
        };
        let scan = &snapshot.scan;
        let checks = snapshot.checks.iter().filter_map(|check| sca::check(&scan.policy, scan.scan, check));
        let mut steps: Vec<_> = checks.map(Step::Event).collect();
        let end = DumpEnd { policy_id: &scan.policy.id, elements_sent: steps.len(), scan_id: scan.scan };
        steps.push(Step::Pause(BEFORE_END));
        steps.extend(message(PREFIX, &end).map(Step::Event));
        steps.push(Step::Pause(BEFORE_SUMMARY));
        if first {
            steps.extend(sca::summary(scan, Occasion::Asked).map(Step::Event));
        }
        steps
    }

    /// How often a manager has asked for a policy that is not known.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.0.unknown.load(Ordering::Relaxed)
    }
}
