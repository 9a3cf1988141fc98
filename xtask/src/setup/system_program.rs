//! Programs from the distribution that the kernel tests and the gates start.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{Need, Way};
use crate::{command, privilege::Privilege, vm::EMULATOR, workspace::Workspace};

/// (program, the Debian package that has it)
type Program = (&'static str, &'static str);

const FOR_TESTS: [Program; 10] = [
    ("busybox", "busybox-static"),
    ("containerd", "containerd"),
    ("git", "git"),
    ("logrotate", "logrotate"),
    ("mount", "mount"),
    ("nc", "netcat-openbsd"),
    ("runc", "runc"),
    ("setpriv", "util-linux"),
    ("sshd", "openssh-server"),
    ("unshare", "util-linux"),
];

/// Modules of newer kernels are packed.
const FOR_GUESTS: [Program; 3] =
    [("busybox", "busybox-static"), (EMULATOR, "qemu-system-x86"), ("xz", "xz-utils")];

/// A name with its folder is looked for there only.
const FOR_CLUSTER: [Program; 9] = [
    ("/usr/lib/cni/ptp", "containernetworking-plugins"),
    ("busybox", "busybox-static"),
    ("containerd", "containerd"),
    ("ip", "iproute2"),
    ("mount", "mount"),
    ("nft", "nftables"),
    ("nsenter", "util-linux"),
    ("runc", "runc"),
    ("tar", "tar"),
];

/// The peers of the measurements, each by itself: where one cannot be had, the other may.
const OF_AUDIT: [Program; 2] = [("auditctl", "auditd"), ("auditd", "auditd")];
const OF_SNOOPING: [Program; 1] = [("execsnoop", "libbpf-tools")];
const OF_SCANNING: [Program; 1] = [("lynis", "lynis")];

/// libFuzzer is C++.
const FOR_GATES: [Program; 1] = [("c++", "g++")];

/// All of them at once: one call of the package manager.
pub(super) struct SystemPrograms {
    what_for: &'static str,
    programs: &'static [Program],
    logs: PathBuf,
    is_optional: bool,
}

impl SystemPrograms {
    pub(super) fn for_tests(workspace: &Workspace) -> Self {
        Self { what_for: "tests", programs: &FOR_TESTS, logs: workspace.tools(), is_optional: false }
    }

    pub(super) fn for_guests(workspace: &Workspace) -> Self {
        Self {
            what_for: "tests on other kernels",
            programs: &FOR_GUESTS,
            logs: workspace.tools(),
            is_optional: true,
        }
    }

    pub(super) fn for_cluster(workspace: &Workspace) -> Self {
        Self {
            what_for: "Kubernetes cluster",
            programs: &FOR_CLUSTER,
            logs: workspace.tools(),
            is_optional: false,
        }
    }

    pub(super) fn of_audit(workspace: &Workspace) -> Self {
        Self::of_peer(workspace, &OF_AUDIT)
    }

    pub(super) fn of_snooping(workspace: &Workspace) -> Self {
        Self::of_peer(workspace, &OF_SNOOPING)
    }

    pub(super) fn of_scanning(workspace: &Workspace) -> Self {
        Self::of_peer(workspace, &OF_SCANNING)
    }

    fn of_peer(workspace: &Workspace, programs: &'static [Program]) -> Self {
        Self { what_for: "measurements", programs, logs: workspace.tools(), is_optional: true }
    }

    pub(super) fn for_gates(workspace: &Workspace) -> Self {
        Self { what_for: "gates", programs: &FOR_GATES, logs: workspace.tools(), is_optional: false }
    }

    fn missing(&self) -> impl Iterator<Item = &Program> {
        self.programs.iter().filter(|(program, _)| command::find(program).is_none())
    }

    fn apt_get(&self, arguments: &[&str], log: &str) -> Result<()> {
        if command::find("apt-get").is_none() {
            bail!("`apt-get` is not here: this is not a Debian");
        }
        let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
        let mut command = Privilege::detect().command("apt-get", &quiet)?;
        command::logged(command.args(arguments), &self.logs.join(log))
    }

    fn install(&self) -> Result<()> {
        let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
        arguments.extend(self.missing().map(|(_, package)| *package));
        self.apt_get(&arguments, "apt-install.log")
    }

    fn update_and_install(&self) -> Result<()> {
        self.apt_get(&["update"], "apt-update.log")?;
        self.install()
    }
}

impl Need for SystemPrograms {
    fn name(&self) -> String {
        let names: Vec<&str> = self.programs.iter().map(|(program, _)| *program).collect();
        format!("programs for the {}: {}", self.what_for, names.join(", "))
    }

    fn is_optional(&self) -> bool {
        self.is_optional
    }

    fn detect(&self) -> Result<String> {
        let missing: Vec<&str> = self.missing().map(|(program, _)| *program).collect();
        if !missing.is_empty() {
            bail!("without {}", missing.join(", "));
        }
        Ok(String::new())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![
            Way::new("apt-get install", || self.install()),
            Way::new("apt-get update, then install", || self.update_and_install()),
        ]
    }

    fn by_hand(&self) -> String {
        let packages: Vec<&str> = self.missing().map(|(_, package)| *package).collect();
        format!("install what Debian calls {}", packages.join(", "))
    }
}
