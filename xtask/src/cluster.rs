//! A Kubernetes cluster of one node on this machine, as `kubeadm` makes it.
//!
//! The node has a file system, a network and a host name of its own, so that everything is where any node has it
//! (/etc/kubernetes, /var/lib/kubelet, port 6443) and yet nothing of this machine changes: what the node writes
//! lies in one folder. Process ids are this machine's, because what watches processes from a pod must see the
//! numbers that the kernel tells of.

mod cgroup;
mod down;
mod failure;
mod folder;
mod image;
mod load;
mod name_server;
mod network;
mod node;
mod process;
mod program;
mod setting;
mod up;

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use clap::Subcommand;
pub(crate) use load::Load;
use name_server::NameServer;

use crate::{
    command,
    privilege::Privilege,
    setup::{self, Scope},
    test::{self, Extent},
    workspace::Workspace,
};
use folder::Folder;
use program::Programs;

pub(crate) use program::cache;

/// What the process as root must have of the one that calls it.
const VARIABLES: [&str; 8] = [
    "CARGO",
    "CARGO_HOME",
    "CARGO_MANIFEST_DIR",
    "CARGO_TARGET_DIR",
    "HOME",
    "PATH",
    "RUSTUP_HOME",
    "XDG_CACHE_HOME",
];

/// What to do with the cluster.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Action {
    /// Make it, or say that it is there.
    Up,
    /// End it, and remove everything that is left of it.
    Down,
    /// Give it images, each an archive as `docker save` or `buildah push` makes it.
    Load(Load),
    /// Make it anew, run the tests on it, and end it.
    Test(Extent),
    /// Build what it is made of, unless that is kept; `up` does so, too.
    #[command(hide = true)]
    Build,
}

/// How to work with the cluster, below `cargo xtask cluster --help`.
pub(crate) const EXAMPLES: &str = "\
Examples:
  cargo xtask cluster up
  export KUBECONFIG=/var/lib/rampart-cluster/kubeconfig
  export PATH=/var/lib/rampart-cluster/bin:$PATH
  kubectl get pods -A
  kubectl run shell --image localhost/busybox:1 --command -- sleep 1000
  kubectl exec shell -- ps
  kubectl exec shell -- nslookup kubernetes.default.svc.cluster.local
  cargo xtask cluster down

A shell on the node itself, with its /etc/kubernetes and all:
  sudo nsenter -t $(cut -d' ' -f1 /var/lib/rampart-cluster/process/node) -m -n -u sh

Kubernetes is built the first time, in about ten minutes, and kept in ~/.cache/rampart.
No image can be pulled: there is localhost/busybox:1, and what `load` brings. Logs are in
/var/lib/rampart-cluster/log and, of pods, in /var/lib/rampart-cluster/var/log/pods.";

/// Becomes root for all but the build, whose outcome is this user's.
pub(crate) fn run(workspace: &Workspace, action: &Action) -> Result<()> {
    let folder = Folder::default();
    let as_root = |act: &dyn Fn() -> Result<()>| match Privilege::detect() {
        Privilege::Root => act(),
        privilege => hand_over(privilege, action),
    };
    match action {
        Action::Up => {
            setup::run(workspace, Scope::Cluster)?;
            let (programs, server) = (Programs::get()?, NameServer::get()?);
            as_root(&|| up::run(&folder, &programs, &server))
        }
        Action::Down => as_root(&|| down::run(&folder)),
        Action::Load(load) => as_root(&|| load.run(&folder)),
        Action::Test(extent) => test::on_cluster(workspace, extent),
        Action::Build => Programs::get().and_then(|_| NameServer::get()).map(drop),
    }
}

/// Begins to build it, with whatever time processors have left over; none where that cannot be.
pub(crate) fn build_aside(log: &Path) -> Option<Child> {
    let program = env::current_exe().ok()?;
    let log = File::create(log).ok()?;
    let mut command = Command::new("chrt");
    command.args(["--idle", "0"]).arg(program).args(["cluster", "build"]);
    command.stdin(Stdio::null()).stderr(log.try_clone().ok()?).stdout(log);
    command.spawn().ok()
}

/// Where the cluster lies, for those that look into it.
pub(crate) fn folder() -> PathBuf {
    Folder::default().root().to_owned()
}

/// An archive of an image of a program that stands for a manager of Wazuh's, with what it needs.
pub(crate) fn manager_image(workspace: &Workspace, program: &Path) -> Result<PathBuf> {
    let scratch = workspace.tools().join("manager-image");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))?;
    }
    image::manager(program)?.archive(&scratch)
}

/// What tells `kubectl` of it.
pub(crate) fn kubeconfig() -> PathBuf {
    Folder::default().kubeconfig()
}

fn hand_over(privilege: Privilege, action: &Action) -> Result<()> {
    let program = env::current_exe()?;
    let program = program.to_str().context("the path of this program is not UTF-8")?;
    let kept: Vec<(&str, String)> =
        VARIABLES.iter().filter_map(|name| Some((*name, env::var(name).ok()?))).collect();
    let kept: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut command: Command = privilege.command(program, &kept)?;
    command::inherit(command.arg("cluster").args(action.words()))
}

impl Action {
    /// How it is asked for.
    fn words(&self) -> Vec<OsString> {
        match self {
            Self::Up => vec!["up".into()],
            Self::Down => vec!["down".into()],
            Self::Load(load) => load.words(),
            Self::Test(_) => vec!["test".into()],
            Self::Build => vec!["build".into()],
        }
    }
}
