//! Pods of Kubernetes: what a container's runtime knows of its pod, and what the API server knows.

use std::{collections::BTreeSet, sync::Arc};

/// The pod that a container belongs to, as well as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Pod {
    /// Its UID, where the cgroup path, the runtime or the API server tells it.
    pub uid: Option<Arc<str>>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Its namespace in Kubernetes.
    pub namespace: Option<Arc<str>>,
    /// What the API server alone knows; none where it has not been heard.
    pub details: Option<Arc<PodDetails>>,
}

/// What the API server knows of a pod, and its containers' runtime does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PodDetails {
    /// What the pod belongs to, at the end of its owners' chain; none for a pod that somebody made by hand.
    pub workload: Option<Workload>,
    /// Whether its owners are still being looked up, so that `workload` is not the last word.
    pub owner_is_pending: bool,
    /// The labels that the configuration has chosen, in the order of their names.
    pub labels: Box<[Label]>,
    /// The service account that it runs as.
    pub service_account: Option<Arc<str>>,
}

/// What makes pods: a Deployment, a DaemonSet, a CronJob, a node for static pods.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Workload {
    /// As Kubernetes writes it: `Deployment`.
    pub kind: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

/// A label of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// Its name, with its prefix.
    pub name: Arc<str>,
    /// Its value; may be empty.
    pub value: Arc<str>,
}

/// A pod as the API server tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodRecord {
    /// Its UID in the API.
    pub uid: Arc<str>,
    /// The UID in the cgroup paths of a static pod (annotation `kubernetes.io/config.hash`), which is not that in the API.
    pub config_hash: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Everything else.
    pub details: Arc<PodDetails>,
    /// Its containers: those that begin it, the usual ones and ephemeral ones alike.
    pub containers: Box<[ContainerRecord]>,
}

/// A container of a pod as the API server tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerRecord {
    /// Its name within the pod.
    pub name: Arc<str>,
    /// The image that was asked for.
    pub image: Arc<str>,
    /// The runtime's id of its present run, without the runtime's name before it; none before it has begun.
    pub id: Option<Arc<str>>,
    /// The ids of its last run, where the API server still knows it.
    pub last_id: Option<Arc<str>>,
    /// The digest of the image that it runs: `sha256:…`; none where the kubelet has not told it yet.
    pub digest: Option<Arc<str>>,
}

/// News of pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodChange {
    /// The pod is there, and so.
    Present(Arc<PodRecord>),
    /// The pod of that UID has been removed.
    Gone(Arc<str>),
    /// All that there is has been told: pods whose UID is not among these have gone while nobody listened.
    Only(BTreeSet<Arc<str>>),
}
