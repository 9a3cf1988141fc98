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
    /// Whether it only holds its pod's namespaces, as its runtime says: the API server knows no such container.
    pub is_sandbox: bool,
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
        self.is_known_but_for_owner() && !self.owner_is_pending()
    }

    /// Whether all is known but what its pod belongs to: who asks for that may never be answered.
    #[must_use]
    pub fn lacks_only_owner(&self) -> bool {
        self.is_known_but_for_owner() && self.owner_is_pending()
    }

    fn is_known_but_for_owner(&self) -> bool {
        let is_own_known = self.image_digest.is_some() || self.is_sandbox;
        self.pod.as_ref().is_none_or(|pod| pod.details.is_some() && is_own_known)
    }

    fn owner_is_pending(&self) -> bool {
        let details = self.pod.as_ref().and_then(|pod| pod.details.as_ref());
        details.is_some_and(|details| details.owner_is_pending)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Container;
    use crate::{Pod, PodDetails};

    #[test]
    fn a_container_is_complete_when_the_api_server_has_no_more_to_say() {
        let bare = Container::default();
        let pod = |is_known: bool| Some(Pod { details: is_known.then(Default::default), ..Pod::default() });
        let pending = || {
            let details = PodDetails { owner_is_pending: true, ..PodDetails::default() };
            Some(Pod { details: Some(Arc::new(details)), ..Pod::default() })
        };
        let digest = Some("sha256:00".into());
        for (container, is_complete, lacks_only_owner) in [
            (bare.clone(), true, false),
            (Container { pod: pod(false), ..bare.clone() }, false, false),
            (Container { pod: pod(true), ..bare.clone() }, false, false),
            (Container { pod: pod(false), image_digest: digest.clone(), ..bare.clone() }, false, false),
            (Container { pod: pod(true), image_digest: digest.clone(), ..bare.clone() }, true, false),
            (Container { pod: pod(false), is_sandbox: true, ..bare.clone() }, false, false),
            (Container { pod: pod(true), is_sandbox: true, ..bare.clone() }, true, false),
            (Container { pod: pending(), ..bare.clone() }, false, false),
            (Container { pod: pending(), image_digest: digest, ..bare.clone() }, false, true),
            (Container { pod: pending(), is_sandbox: true, ..bare }, false, true),
        ] {
            let found = (container.is_complete(), container.lacks_only_owner());
            assert_eq!(found, (is_complete, lacks_only_owner), "{container:?}");
        }
    }
}
