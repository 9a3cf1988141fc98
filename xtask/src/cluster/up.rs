//! Making the cluster.

use std::{env, fs, process::Command, time::Instant};

use anyhow::{Context, Result, bail};

use super::{
    cgroup::Group,
    down, failure,
    folder::Folder,
    image::{self, Image},
    load::{self, SOCKET},
    name_server::NameServer,
    network,
    node::Node,
    process::Process,
    program::Programs,
    setting,
};
use crate::{command, patience};

const CONTAINERD: &str = "containerd";
const KUBELET: &str = "kubelet";

/// What `kubeadm` does before the kubelet runs, and after that. Our node needs none of the rest: the first would
/// check what is known, and the last tells how to add nodes.
const BEFORE_KUBELET: &str = "wait-control-plane,upload-config,upload-certs,mark-control-plane,bootstrap-token,\
                              kubelet-finalize,addon,show-join-command,preflight";
const AFTER_KUBELET: &str = "preflight,certs,kubeconfig,etcd,control-plane,kubelet-start,upload-certs,\
                             show-join-command";

/// The kubelet as the service of its package starts it.
const KUBELET_START: &str = ". /var/lib/kubelet/kubeadm-flags.env; exec /usr/bin/kubelet \
    --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf \
    --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS";

/// A name that every cluster has.
const SERVICE: &str = "kubernetes.default.svc.cluster.local";

/// How long each thing that is waited for at the end may take, on a slow machine.
const TIMEOUT: &str = "--timeout=120s";

/// Which requests for certificates are for the kubelet's server.
const SERVING: &str = "--field-selector=spec.signerName=kubernetes.io/kubelet-serving";

/// Makes it, unless it is there.
pub(super) fn run(folder: &Folder, programs: &Programs, server: &NameServer) -> Result<()> {
    if folder.exists() {
        let lock = folder.lock()?;
        if is_up(folder) {
            println!("the cluster is up already");
            print_usage(folder);
            return Ok(());
        }
        println!("removing what is left of an earlier cluster");
        down::remove(folder)?;
        drop(lock);
    }
    println!("making the cluster: about half a minute");
    let start = Instant::now();
    folder.create()?;
    let lock = folder.lock()?;
    if let Err(error) = make(folder, programs, server) {
        failure::print(folder);
        return Err(error.context("the cluster did not come up; `cargo xtask cluster down` removes it"));
    }
    drop(lock);
    println!("the cluster is up after {:.0} s", start.elapsed().as_secs_f64());
    print_usage(folder);
    Ok(())
}

fn make(folder: &Folder, programs: &Programs, server: &NameServer) -> Result<()> {
    programs.link(folder)?;
    setting::write(folder)?;
    let group = Group::find()?.create()?;
    let node = Node::start(folder, &group)?;
    network::lay(&node)?;
    let images = image::all(programs, server)?;
    start_containerd(folder, &node)?;
    // The control plane waits for nothing else than its image.
    for image in &images {
        import(folder, &node, image)?;
    }
    kubeadm(folder, &node, "kubeadm-before", BEFORE_KUBELET)?;
    node.start_daemon(KUBELET, &["sh", "-euc", KUBELET_START])?;
    kubeadm(folder, &node, "kubeadm-after", AFTER_KUBELET)?;
    folder.publish_kubeconfig(caller())?;
    wait(folder)?;
    resolve(&node)
}

fn start_containerd(folder: &Folder, node: &Node) -> Result<()> {
    let containerd = node.start_daemon(CONTAINERD, &[CONTAINERD])?;
    patience::until("containerd", || {
        if !containerd.runs() {
            bail!("containerd ended");
        }
        Ok(command::capture(node.command("ctr").args(["--address", SOCKET, "version"])).is_ok())
    })?;
    // In the node /run is this folder.
    fs::metadata(folder.root().join("run/containerd")).context("containerd is not in its folder").map(drop)
}

fn import(folder: &Folder, node: &Node, image: &Image) -> Result<()> {
    let scratch = folder.scratch();
    fs::create_dir_all(&scratch)?;
    let archive = image.archive(&scratch)?;
    load::import(node, &archive).with_context(|| format!("the image {}", image.name()))?;
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))
}

/// It must find no systemd, which would have a kubelet of the machine started.
fn kubeadm(folder: &Folder, node: &Node, log: &str, skipped: &str) -> Result<()> {
    let mut kubeadm = node.command("env");
    kubeadm.arg(format!("PATH={}", folder.root().join("bin").display())).arg(folder.program("kubeadm"));
    kubeadm.args(["init", "--config", setting::KUBEADM, "--skip-phases", skipped]);
    command::logged(&mut kubeadm, &folder.log(log))
}

/// Until pods can be made, and their output be read.
fn wait(folder: &Folder) -> Result<()> {
    let node = format!("node/{}", setting::NODE);
    kubectl(folder, &["wait", "--for=condition=Ready", &node, TIMEOUT])?;
    for workload in ["daemonset/kube-proxy", "deployment/coredns"] {
        kubectl(folder, &["rollout", "status", workload, "--namespace=kube-system", TIMEOUT])?;
    }
    kubectl(folder, &["wait", "--for=create", "serviceaccount/default", TIMEOUT])?;
    approve_certificate(folder)
}

/// Until names of services are answered for, at the address that pods ask.
fn resolve(node: &Node) -> Result<()> {
    patience::until("an answer of the name server", || {
        let mut ask = node.command("busybox");
        Ok(command::capture(ask.args(["nslookup", SERVICE, setting::NAME_SERVER_ADDRESS])).is_ok())
    })
}

/// Of its serving certificate the kubelet is told by people only; the API server talks to it by no other one.
fn approve_certificate(folder: &Folder) -> Result<()> {
    let certificate = folder.root().join("disk/kubelet/pki/kubelet-server-current.pem");
    patience::until("the kubelet's certificate", || {
        let requests = kubectl(folder, &["get", "certificatesigningrequests", SERVING, "--output=name"])?;
        for request in requests.lines() {
            kubectl(folder, &["certificate", "approve", request])?;
        }
        // It is a link to where the certificate is for the node.
        Ok(certificate.is_symlink())
    })
}

fn kubectl(folder: &Folder, arguments: &[&str]) -> Result<String> {
    let mut kubectl = Command::new(folder.program("kubectl"));
    kubectl.env("KUBECONFIG", folder.kubeconfig()).env("KUBECACHEDIR", folder.root().join("cache"));
    command::capture(kubectl.args(arguments))
}

fn is_up(folder: &Folder) -> bool {
    let runs = |name| Process::kept(&folder.process(name)).is_some_and(Process::runs);
    runs(CONTAINERD) && runs(KUBELET) && kubectl(folder, &["get", "--raw=/readyz"]).is_ok()
}

/// The user that `sudo` was called by.
fn caller() -> Option<u32> {
    env::var("SUDO_UID").ok()?.parse().ok()
}

fn print_usage(folder: &Folder) {
    println!("export KUBECONFIG={}", folder.kubeconfig().display());
    if command::find("kubectl").is_none() {
        println!("export PATH={}:$PATH", folder.root().join("bin").display());
    }
}
