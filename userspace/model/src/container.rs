use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// Which program manages a container, as far as its cgroup path tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Container {
    /// The runtime's id for it: 64 hexadecimal digits for the common runtimes.
    pub id: Arc<str>,
    /// Who manages it.
    pub runtime: ContainerRuntime,
    /// The Kubernetes pod's UID, where the cgroup path carries it.
    pub pod_uid: Option<Arc<str>>,
}
