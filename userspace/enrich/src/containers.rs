//! Which container a cgroup belongs to, by the names that the runtimes give.

use std::sync::Arc;

use rampart_model::{Container, ContainerRuntime, Pod, Process};

/// Inode number of the first pid namespace (PROC_PID_INIT_INO, include/linux/proc_ns.h).
const HOST_PID_NS: u32 = 0xefff_fffc;

/// What stands before the id in systemd scopes (`<prefix>-<id>.scope`), in cgroupfs names without `.scope`, and in paths for
/// systemd that a runtime made folders of (`<slice>:<prefix>:<id>`).
const PREFIXES: &[(&str, ContainerRuntime)] = &[
    ("cri-containerd", ContainerRuntime::Containerd),
    ("nerdctl", ContainerRuntime::Containerd),
    ("crio", ContainerRuntime::CriO),
    ("docker", ContainerRuntime::Docker),
    ("libpod", ContainerRuntime::Podman),
];

/// Directories of cgroupfs under which a runtime puts plain ids.
const PARENTS: &[(&str, ContainerRuntime)] =
    &[("docker", ContainerRuntime::Docker), ("libpod_parent", ContainerRuntime::Podman)];

/// Where a process is, as far as that tells its container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) cgroup: &'a str,
    pub(crate) pid_ns: u32,
}

/// The container of a process: the one that its cgroup names.
///
/// Where the cgroup names none, a process stays in the container of its parent: whoever is privileged there can make a cgroup
/// anywhere on the host and move into it, and no longer be in a pod. One of the host's in a pid namespace of its own and in a
/// cgroup of its own is in a container whose naming the runtime left to its user (runc used directly): the name is the cgroup's
/// last.
pub(crate) fn container(place: Place<'_>, parent: Option<&Process>) -> Option<Arc<Container>> {
    let inherited = parent.and_then(|parent| parent.container.clone());
    if let Some(named) = container_of(place.cgroup) {
        return inherited.filter(|container| container.id == named.id).or_else(|| Some(Arc::new(named)));
    }
    if inherited.is_some() {
        return inherited;
    }
    let origin = parent?;
    if *place.cgroup == *origin.cgroup || on_host(place.pid_ns) {
        return None;
    }
    let host =
        std::iter::once(origin).chain(origin.ancestors()).find(|process| on_host(process.namespaces.pid));
    let own = host.is_some_and(|process| *process.cgroup != *place.cgroup);
    let name = place.cgroup.rsplit('/').next().filter(|name| own && !name.is_empty() && !is_unit(name))?;
    Some(Arc::new(Container { id: name.into(), ..Container::default() }))
}

/// 0 stands for a namespace that could not be read.
pub(crate) const fn on_host(pid_ns: u32) -> bool {
    pid_ns == HOST_PID_NS || pid_ns == 0
}

/// Made by systemd for what is no container.
fn is_unit(name: &str) -> bool {
    [".scope", ".service", ".slice", ".mount", ".socket"].iter().any(|suffix| name.ends_with(suffix))
}

/// The container that a cgroup path names; where one runs in another the innermost, but for what a pod's container has made
/// below its own cgroup. None on the host.
///
/// Understood are the layouts of containerd, CRI-O, Docker and Podman, with the systemd and the cgroupfs driver, on
/// both versions of cgroups, and cgroups that a container makes below its own.
#[must_use]
pub fn container_of(cgroup: &str) -> Option<Container> {
    let mut found: Option<Container> = None;
    let mut pod_uid = None;
    let mut parent = "";
    let mut is_delegated = false;
    for name in cgroup.split('/').filter(|name| !name.is_empty()) {
        // A user names what is below as he likes.
        is_delegated |= name.starts_with("user@") && name.ends_with(".service");
        let (slice, scope) = expanded(name);
        if let Some(uid) = pod_uid_of(slice).filter(|_| !is_delegated) {
            pod_uid = Some(uid);
        }
        if let Some((id, runtime)) = id_of(scope, parent) {
            let pod = pod_uid.as_deref().map(|uid| Pod { uid: Some(uid.into()), ..Pod::default() });
            let is_in_pod = pod.is_some();
            found = Some(Container { id: id.into(), runtime, pod, ..Container::default() });
            // What it makes below could have the names of another pod.
            if is_in_pod {
                break;
            }
        }
        parent = name;
    }
    found
}

/// The slice and the scope that a name stands for: a runtime that was told to use systemd and does not makes a folder of
/// `<slice>:<prefix>:<id>`.
fn expanded(name: &str) -> (&str, &str) {
    name.split_once(':').filter(|(slice, _)| slice.strip_suffix(".slice").is_some()).unwrap_or((name, name))
}

fn id_of<'a>(name: &'a str, parent: &str) -> Option<(&'a str, ContainerRuntime)> {
    let plain = name.strip_suffix(".scope").unwrap_or(name);
    for (prefix, runtime) in PREFIXES {
        if let Some(id) = plain.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(['-', ':'])) {
            return is_id(id).then_some((id, *runtime));
        }
    }
    let runtime = PARENTS.iter().find(|(name, _)| *name == parent).map(|(_, runtime)| *runtime);
    is_id(plain).then_some((plain, runtime.unwrap_or(ContainerRuntime::Unknown)))
}

/// The id that all the runtimes above generate: 32 random bytes in hexadecimal.
fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `pod<uid>` (cgroupfs) or `kubepods-<class>-pod<uid, _ for ->.slice` (systemd), which may have more before it.
fn pod_uid_of(name: &str) -> Option<String> {
    let name = name.strip_suffix(".slice").unwrap_or(name);
    // No UID has a `p` in it.
    let (_, uid) = name.rsplit_once("pod")?;
    let uid = uid.replace('_', "-");
    // Static pods have a 32-digit hash for a UID.
    let digits = uid.bytes().filter(u8::is_ascii_hexdigit).count();
    (digits == 32 && matches!(uid.len(), 32 | 36)).then_some(uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    const UID: &str = "b1946ac9-2e49-4cd2-8f6a-d1f1f1c0ffee";
    const VICTIM: &str = "0badc0de-2e49-4cd2-8f6a-d1f1f1c0ffee";
    const FLAT: &str = "b1946ac9_2e49_4cd2_8f6a_d1f1f1c0ffee";

    #[test]
    fn layouts_of_all_runtimes() {
        use ContainerRuntime::{Containerd, CriO, Docker, Podman, Unknown};
        let pods = "/kubepods.slice/kubepods-burstable.slice";
        for (cgroup, expected) in [
            // systemd driver
            (
                format!("{pods}/kubepods-burstable-pod{FLAT}.slice/cri-containerd-{ID}.scope"),
                Some((Containerd, true)),
            ),
            (format!("{pods}/kubepods-burstable-pod{FLAT}.slice/crio-{ID}.scope"), Some((CriO, true))),
            (
                format!("/kubepods.slice/kubepods-pod{FLAT}.slice/cri-containerd-{ID}.scope"),
                Some((Containerd, true)),
            ),
            (format!("/system.slice/docker-{ID}.scope"), Some((Docker, false))),
            (format!("/machine.slice/libpod-{ID}.scope/container"), Some((Podman, false))),
            (
                format!("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope"),
                Some((Podman, false)),
            ),
            // kind: the kubelet's own slice is above
            (
                format!(
                    "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable-pod{FLAT}.slice/crio-{ID}.scope"
                ),
                Some((CriO, true)),
            ),
            // a runtime that does not use systemd, told to by the kubelet
            (
                format!(
                    "/system.slice/containerd.service/kubepods-burstable-pod{FLAT}.slice:cri-containerd:{ID}"
                ),
                Some((Containerd, true)),
            ),
            (format!("/system.slice:docker:{ID}"), Some((Docker, false))),
            (format!("/box:docker:{ID}"), None),
            // cgroupfs driver
            (format!("/kubepods/burstable/pod{UID}/{ID}"), Some((Unknown, true))),
            (format!("/kubepods/pod{UID}/crio-{ID}"), Some((CriO, true))),
            (format!("/docker/{ID}"), Some((Docker, false))),
            (format!("/docker/{ID}/init.scope"), Some((Docker, false))),
            (format!("/libpod_parent/libpod-{ID}"), Some((Podman, false))),
            (format!("/default/{ID}"), Some((Unknown, false))),
            // one in another
            (format!("/docker/{OTHER}/kubelet/kubepods/pod{UID}/{ID}"), Some((Unknown, true))),
            (format!("/kubepods/pod{UID}/{ID}/docker/{OTHER}"), Some((Unknown, true))),
            // the names of another pod, below a pod's container and where a user may make what he likes
            (
                format!("/kubepods/pod{UID}/cri-containerd-{ID}/pod{VICTIM}/cri-containerd-{OTHER}.scope"),
                Some((Containerd, true)),
            ),
            (format!("/kubepods/pod{UID}/{ID}/pod{VICTIM}/init"), Some((Unknown, true))),
            (
                format!(
                    "/user.slice/user-1000.slice/user@1000.service/pod{VICTIM}/cri-containerd-{ID}.scope"
                ),
                Some((Containerd, false)),
            ),
            // the host
            ("/".to_owned(), None),
            ("/system.slice/ssh.service".to_owned(), None),
            ("/user.slice/user-0.slice/session-1.scope".to_owned(), None),
            (format!("/system.slice/crio-conmon-{ID}.scope"), None),
            (format!("/machine.slice/libpod-conmon-{ID}.scope"), None),
            (format!("/kubepods/burstable/pod{UID}"), None),
        ] {
            let found = container_of(&cgroup);
            let summary = found.as_ref().map(|container| (container.runtime, container.pod.is_some()));
            assert_eq!(summary, expected, "{cgroup}");
            if let Some(container) = found {
                assert_eq!(&*container.id, ID, "{cgroup}");
                assert!(container.pod.is_none_or(|pod| pod.uid.as_deref() == Some(UID)), "{cgroup}");
            }
        }
    }
}
