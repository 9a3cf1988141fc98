use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::Pod;

/// Which program manages a container, as far as its cgroup path or its documents tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerRuntime {
    /// containerd, through its CRI plugin or directly.
    Containerd,
    /// CRI-O.
    CriO,
    /// Docker Engine.
    Docker,
    /// Podman (libpod).
    Podman,
    /// The path names no runtime: runc used directly, or a cgroupfs layout that hides it.
    #[default]
    Unknown,
}

impl ContainerRuntime {
    /// ECS `container.runtime`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Containerd => "containerd",
            Self::CriO => "cri-o",
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ContainerRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The container that a process runs in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Container {
    /// The runtime's id for it: 64 hexadecimal digits for the common runtimes.
    pub id: Arc<str>,
    /// Who manages it.
    pub runtime: ContainerRuntime,
    /// Its name within its pod, or where there is no pod the one that somebody gave it.
    pub name: Option<Arc<str>>,
    /// The image, as the runtime was asked for it.
    pub image: Option<Arc<str>>,
    /// The digest of the image that it runs, `sha256:…`, where the API server tells it.
    pub image_digest: Option<Arc<str>>,
    /// The pod of Kubernetes that it belongs to; none outside pods.
    pub pod: Option<Pod>,
}

impl Container {
    /// Whether it belongs to a pod of Kubernetes.
    #[must_use]
    pub const fn is_in_pod(&self) -> bool {
        self.pod.is_some()
    }

    /// Whether there is nothing more to be learnt of it from the API server.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.pod.as_ref().is_none_or(|pod| pod.details.is_some() && self.image_digest.is_some())
    }
}
