use serde::Deserialize;

use super::lenient::{Flag, List, Map, Number, Part, Text};

/// Most containers of a kind that a pod can have.
const CONTAINERS: usize = 256;

/// Most pods in a page of a list: more than are ever asked for.
const PAGE: usize = 512;

/// Most labels of a pod that are looked at.
const LABELS: usize = 1024;

/// Most owners of a thing that are looked at: one of them is the controller.
const OWNERS: usize = 64;

/// A page of a list of pods.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodPage {
    pub(crate) metadata: Part<PageMetadata>,
    pub(crate) items: List<Part<Pod>, PAGE>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PageMetadata {
    pub(crate) resource_version: Text,
    /// Encoded by the API server, and often longer than other texts.
    #[serde(rename = "continue")]
    pub(crate) continuation: Option<String>,
}

/// A pod. Where a watch tells of something else, that is in it as well: bookmarks have only a version, errors only a code and
/// a message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pod {
    pub(crate) metadata: Part<Metadata>,
    pub(crate) spec: Part<Spec>,
    pub(crate) status: Part<Status>,
    pub(crate) code: Number,
    pub(crate) message: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) name: Text,
    pub(crate) namespace: Text,
    pub(crate) uid: Text,
    pub(crate) resource_version: Text,
    pub(crate) labels: Map<LABELS>,
    pub(crate) annotations: Part<Annotations>,
    pub(crate) owner_references: List<Part<OwnerReference>, OWNERS>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Annotations {
    /// The UID that the kubelet has given to a static pod.
    #[serde(rename = "kubernetes.io/config.hash")]
    pub(crate) config_hash: Text,
    /// What makes a pod the mirror of a static one: the same again.
    #[serde(rename = "kubernetes.io/config.mirror")]
    pub(crate) config_mirror: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OwnerReference {
    pub(crate) api_version: Text,
    pub(crate) kind: Text,
    pub(crate) name: Text,
    pub(crate) uid: Text,
    pub(crate) controller: Flag,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Spec {
    pub(crate) service_account_name: Text,
    pub(crate) containers: List<Part<Container>, CONTAINERS>,
    pub(crate) init_containers: List<Part<Container>, CONTAINERS>,
    pub(crate) ephemeral_containers: List<Part<Container>, CONTAINERS>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Container {
    pub(crate) name: Text,
    pub(crate) image: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    #[serde(rename = "containerStatuses")]
    pub(crate) containers: List<Part<ContainerStatus>, CONTAINERS>,
    #[serde(rename = "initContainerStatuses")]
    pub(crate) init_containers: List<Part<ContainerStatus>, CONTAINERS>,
    #[serde(rename = "ephemeralContainerStatuses")]
    pub(crate) ephemeral_containers: List<Part<ContainerStatus>, CONTAINERS>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ContainerStatus {
    pub(crate) name: Text,
    #[serde(rename = "containerID")]
    pub(crate) container_id: Text,
    #[serde(rename = "imageID")]
    pub(crate) image_id: Text,
    pub(crate) last_state: Part<State>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) terminated: Part<Terminated>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Terminated {
    #[serde(rename = "containerID")]
    pub(crate) container_id: Text,
}
