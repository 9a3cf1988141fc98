//! The node, seen from where the agent runs: on it, or in a container.

use std::env;

use rampart_kernel::{has_host_processes, join_host_cgroups};

/// Names the node where the configuration does not, as a pod can be told it.
const NAME: &str = "RAMPART_NODE";

/// Set by Kubernetes in every container.
const IN_POD: &str = "KUBERNETES_SERVICE_HOST";

/// The node's name: that of the configuration, else of the environment, else the host's.
pub(crate) fn name(configured: Option<&str>, given: Option<&str>) -> String {
    let host = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    let named = configured.or(given).filter(|name| !name.is_empty());
    named.map_or_else(host, str::to_owned)
}

/// What the environment says that the node is called.
pub(crate) fn given() -> Option<String> {
    env::var(NAME).ok()
}

/// Goes where the host can be seen as it is, as far as that is allowed, and says what is lost otherwise. To be called before
/// privileges are given up and before there is a second thread.
pub(crate) fn settle(configured: Option<&str>) {
    if configured.or(given().as_deref()).is_none() && env::var_os(IN_POD).is_some() {
        let taken = name(None, None);
        tracing::warn!(
            taken,
            "the node's name is not known, and findings name the pod; give {NAME}, or `node` in the configuration"
        );
    }
    if !has_host_processes() {
        tracing::warn!(
            "the agent has a process namespace of its own: processes have neither ancestors nor, where they lived before, \
             names; run it in the host's (hostPID: true in a pod)"
        );
    }
    find_cgroups();
}

/// Has /proc tell cgroups by the host's paths.
pub(crate) fn find_cgroups() {
    match join_host_cgroups() {
        Ok(true) => tracing::info!("joined the host's cgroup namespace"),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "containers of processes that lived before the agent may not be known");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_counts() {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        for (configured, given, expected) in [
            (Some("a"), Some("b"), "a"),
            (None, Some("b"), "b"),
            (None, Some(""), host.as_str()),
            (None, None, host.as_str()),
        ] {
            assert_eq!(name(configured, given), expected, "{configured:?} {given:?}");
        }
    }
}
