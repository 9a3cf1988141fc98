use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

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
    /// The Kubernetes pod's UID, where the cgroup path or the runtime carries it.
    pub pod_uid: Option<Arc<str>>,
    /// The pod's name.
    pub pod_name: Option<Arc<str>>,
    /// The pod's namespace in Kubernetes.
    pub pod_namespace: Option<Arc<str>>,
}

impl Container {
    /// Whether it belongs to a pod of Kubernetes.
    #[must_use]
    pub const fn is_in_pod(&self) -> bool {
        self.pod_uid.is_some() || self.pod_name.is_some()
    }
}
