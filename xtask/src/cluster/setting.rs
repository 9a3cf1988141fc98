//! What the node's components are told, in files.

use std::process::Command;

use anyhow::{Context, Result};

use super::{
    cgroup,
    folder::Folder,
    name_server,
    network::{self, NODE_ADDRESS},
    program::{PAUSE, version_of},
};
use crate::command;

/// The node's name, to itself and to the cluster.
pub(super) const NODE: &str = "rampart-node";

/// What there is to try things with. Of a tag `latest` the kubelet would look for a newer one.
pub(super) const BUSYBOX: &str = "localhost/busybox:1";

pub(super) const PAUSE_TAG: &str = "3.10.1";

/// Where pods ask for names: the tenth address of services, as kubeadm counts.
pub(super) const NAME_SERVER_ADDRESS: &str = "10.96.0.10";

/// Nobody can take it for a place from which images come.
const REPOSITORY: &str = "localhost/kubernetes";

/// The two suites with elliptic curves and AES of which nothing bad is known; TLS 1.3 has no choice.
const CIPHERS: &str = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";

/// What `kubeadm` reads, as the node sees it.
pub(super) const KUBEADM: &str = "/etc/kubernetes/kubeadm.yaml";

/// (path in the cluster's folder, what is in it)
const FILES: [(&str, &str); 7] = [
    ("etc/kubernetes/kubeadm.yaml", include_str!("setting/kubeadm.yaml")),
    ("etc/kubernetes/patches/kube-apiserver+strategic.yaml", include_str!("setting/kube-apiserver.yaml")),
    ("etc/kubernetes/audit-policy.yaml", include_str!("setting/audit.yaml")),
    ("etc/kubernetes/encryption.yaml", include_str!("setting/encryption.yaml")),
    ("etc/systemd/system/kubelet.service.d/10-kubeadm.conf", include_str!("setting/kubelet.conf")),
    ("etc/containerd/config.toml", include_str!("setting/containerd.toml")),
    ("etc/cni/net.d/10-rampart.conflist", include_str!("setting/network.json")),
];

/// The name of an image of a component.
pub(super) fn image(component: &str, tag: &str) -> String {
    format!("{REPOSITORY}/{component}:{tag}")
}

/// The version of Kubernetes.
pub(super) fn version() -> Result<&'static str> {
    version_of("k8s.io/kubernetes")
}

/// The tag of etcd's image, as kubeadm expects it: the version and the number of the image.
pub(super) fn etcd_tag() -> Result<String> {
    let version = version_of("go.etcd.io/etcd/server/v3")?;
    Ok(format!("{}-0", version.trim_start_matches('v')))
}

/// Writes all of them.
pub(super) fn write(folder: &Folder) -> Result<()> {
    let key = command::capture(Command::new("sh").args(["-c", "head -c 32 /dev/urandom | base64"]))
        .context("cannot make a key")?;
    let values = values(&key)?;
    for (path, text) in FILES {
        folder.write(path, &filled(text, &values))?;
    }
    Ok(())
}

fn values(key: &str) -> Result<[(&'static str, String); 11]> {
    Ok([
        ("{address}", NODE_ADDRESS.to_owned()),
        ("{ciphers}", CIPHERS.to_owned()),
        ("{cluster}", cgroup::NAME.to_owned()),
        ("{etcd_tag}", etcd_tag()?),
        ("{dns_tag}", name_server::VERSION.to_owned()),
        ("{key}", key.to_owned()),
        ("{node}", NODE.to_owned()),
        ("{pause}", image(PAUSE, PAUSE_TAG)),
        ("{pods}", network::PODS.to_owned()),
        ("{repository}", REPOSITORY.to_owned()),
        ("{version}", version()?.to_owned()),
    ])
}

fn filled(text: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[cfg(test)]
mod tests {
    use super::{FILES, filled, values};

    #[test]
    fn no_file_has_a_gap_left() {
        let values = values("c2VjcmV0").unwrap();
        for (path, text) in FILES {
            let filled = filled(text, &values);
            for (name, _) in &values {
                assert!(!filled.contains(name), "{path}: {name}");
            }
        }
    }
}
