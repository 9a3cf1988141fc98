use std::{sync::Arc, time::Duration};

use kube::{api::GetParams, core::Request};
use serde::Deserialize;
use tokio::time::timeout;

use super::Owner;
use crate::{
    Cluster, Errand, KubernetesError,
    wire::{List, OwnerReference, Part, Text},
};

/// Largest answer, in bytes: all of its metadata, of which the API server takes 3 MiB.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// How long a look may take.
const LONGEST: Duration = Duration::from_secs(10);

/// Owners that have owners themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::watch) enum Kind {
    ReplicaSet,
    Job,
}

impl Kind {
    pub(super) fn of(owner: &Owner) -> Option<Self> {
        match (&*owner.group, &*owner.kind) {
            ("apps", "ReplicaSet") => Some(Self::ReplicaSet),
            ("batch", "Job") => Some(Self::Job),
            _ => None,
        }
    }

    pub(super) const fn resource(self) -> &'static str {
        match self {
            Self::ReplicaSet => "replicasets.apps",
            Self::Job => "jobs.batch",
        }
    }

    const fn path(self) -> (&'static str, &'static str) {
        match self {
            Self::ReplicaSet => ("/apis/apps/v1", "replicasets"),
            Self::Job => ("/apis/batch/v1", "jobs"),
        }
    }
}

/// An owner that is to be looked up.
#[derive(Debug, Clone)]
pub(in crate::watch) struct Question {
    pub(super) kind: Kind,
    pub(super) namespace: Box<str>,
    pub(super) name: Arc<str>,
    pub(super) uid: Arc<str>,
}

impl Question {
    pub(super) const fn errand(&self) -> Errand {
        Errand { verb: "get", resource: self.kind.resource() }
    }
}

/// What a look has shown: the owner's own owner.
#[derive(Debug)]
pub(in crate::watch) struct Answer {
    pub(in crate::watch) question: Question,
    pub(in crate::watch) owner: Result<Option<Owner>, KubernetesError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    metadata: Part<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    uid: Text,
    owner_references: List<Part<OwnerReference>, 64>,
}

/// Asks for an owner's metadata.
pub(in crate::watch) async fn look_up(cluster: Cluster, question: Question) -> Answer {
    let owner = timeout(LONGEST, ask(&cluster, &question)).await.unwrap_or_else(|_| {
        Err(KubernetesError::Silent { errand: question.errand(), seconds: LONGEST.as_secs() })
    });
    Answer { question, owner }
}

async fn ask(cluster: &Cluster, question: &Question) -> Result<Option<Owner>, KubernetesError> {
    let (group, resource) = question.kind.path();
    let request = Request::new(format!("{group}/namespaces/{}/{resource}", question.namespace));
    let request = request.get_metadata(&question.name, &GetParams::default());
    let object: Object = cluster.ask(question.errand(), request, ANSWER_BYTES).await?;
    let metadata = object.metadata.0;
    if metadata.uid.whole() != Some(&*question.uid) {
        // Another one of the same name.
        return Err(KubernetesError::Status { errand: question.errand(), code: GONE, says: String::new() });
    }
    Ok(Owner::controller(&metadata.owner_references))
}

const GONE: u16 = 404;

/// Whether there is no such owner, and never will be again.
pub(super) fn is_gone(error: &KubernetesError) -> bool {
    error.code() == Some(GONE)
}

impl Answer {
    /// Whose owner it is.
    pub(in crate::watch) const fn uid(&self) -> &Arc<str> {
        &self.question.uid
    }
}
