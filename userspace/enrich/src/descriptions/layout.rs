//! Where runtimes leave what they know of a container.

use rampart_model::{Container, ContainerRuntime};

use super::{
    document::{Description, Form, read},
    host::{Host, Refused},
};

/// Folders of containerd's, each of which may have bundles in it: its own, K3s' and RKE2's, k0s', MicroK8s'.
const CONTAINERD: [&str; 4] =
    ["run/containerd", "run/k3s/containerd", "run/k0s/containerd", "var/snap/microk8s/common/run/containerd"];

/// Below each of them, by namespace.
const CONTAINERD_TASKS: &str = "io.containerd.runtime.v2.task";

/// Of the others, the documents of a container, which is `ID` here.
const DOCUMENTS: [(ContainerRuntime, Form, &str); 7] = [
    (ContainerRuntime::CriO, Form::CriO, "run/containers/storage/overlay-containers/ID/userdata/config.json"),
    (
        ContainerRuntime::CriO,
        Form::CriO,
        "var/lib/containers/storage/overlay-containers/ID/userdata/config.json",
    ),
    (ContainerRuntime::Docker, Form::Docker, "var/lib/docker/containers/ID/config.v2.json"),
    (
        ContainerRuntime::Docker,
        Form::Docker,
        "var/snap/docker/common/var-lib-docker/containers/ID/config.v2.json",
    ),
    (ContainerRuntime::Podman, Form::Store, "var/lib/containers/storage/overlay-containers/containers.json"),
    (
        ContainerRuntime::Podman,
        Form::Store,
        "var/lib/containers/storage/overlay-containers/volatile-containers.json",
    ),
    (
        ContainerRuntime::Podman,
        Form::Store,
        "run/containers/storage/overlay-containers/volatile-containers.json",
    ),
];

/// What came of looking for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// One that describes the container, and whose it is.
    Document(ContainerRuntime, Description),
    /// None.
    Nothing,
    /// One that cannot be read or understood.
    Refused,
}

/// Looks where the container's runtime leaves its documents; where its cgroup names none, where any does.
pub(super) fn find(host: &Host, container: &Container) -> Found {
    let is_its = |runtime| container.runtime == ContainerRuntime::Unknown || container.runtime == runtime;
    let mut refused = false;
    let mut look = |runtime, form, path: &str| match host.read(path) {
        Ok(None) => None,
        Ok(Some(document)) => {
            let description = read(form, &container.id, &document);
            // A store is there for all containers and need not have this one.
            refused |= description.is_none() && form != Form::Store;
            // Podman's bundles lie where CRI-O's do, and say nothing.
            let says_something = |found: &Description| *found != Description::default();
            let is_enough =
                |found: &Description| runtime == ContainerRuntime::Containerd || says_something(found);
            description.filter(is_enough).map(|found| Found::Document(runtime, found))
        }
        Err(Refused) => {
            refused = true;
            None
        }
    };
    let mut found = None;
    if is_its(ContainerRuntime::Containerd) {
        found = bundles(host, &container.id)
            .find_map(|path| look(ContainerRuntime::Containerd, Form::Containerd, &path));
    }
    let mut others = DOCUMENTS.into_iter().filter(|(runtime, ..)| is_its(*runtime));
    let found = found.or_else(|| {
        others.find_map(|(runtime, form, path)| look(runtime, form, &path.replace("ID", &container.id)))
    });
    found.unwrap_or(if refused { Found::Refused } else { Found::Nothing })
}

fn bundles<'h>(host: &'h Host, id: &'h str) -> impl Iterator<Item = String> + 'h {
    CONTAINERD.iter().flat_map(move |folder| {
        let tasks = format!("{folder}/{CONTAINERD_TASKS}");
        let namespaces = host.folders(&tasks);
        namespaces.into_iter().map(move |namespace| format!("{tasks}/{namespace}/{id}/config.json"))
    })
}
