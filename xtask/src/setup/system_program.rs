//! Programs from the distribution that the kernel tests and the gates start.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{Need, Way};
use crate::{build::Architecture, command, privilege::Privilege, vm::EMULATOR, workspace::Workspace};

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
const FOR_CLUSTER: [Program; 10] = [
    ("/usr/lib/cni/ptp", "containernetworking-plugins"),
    ("busybox", "busybox-static"),
    ("containerd", "containerd"),
    ("curl", "curl"),
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

/// Builds images; needs no daemon.
const FOR_IMAGE: [Program; 1] = [("buildah", "buildah")];

/// Fetches the schemas.
const FOR_CHART: [Program; 2] = [("pip3", "python3-pip"), ("python3", "python3")];

/// Compiler and C library of the other sort of processor.
const FOR_AARCH64: [Program; 2] = [
    ("/usr/aarch64-linux-gnu/lib/libc.a", "libc6-dev-arm64-cross"),
    ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
];
const FOR_X86_64: [Program; 2] = [
    ("/usr/x86_64-linux-gnu/lib/libc.a", "libc6-dev-amd64-cross"),
    ("x86_64-linux-gnu-gcc", "gcc-x86-64-linux-gnu"),
];

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

    /// The same, where it is enough to know what is missing.
    pub(super) fn optional(self) -> Self {
        Self { is_optional: true, ..self }
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

    pub(super) fn for_image(workspace: &Workspace) -> Self {
        Self { what_for: "image", programs: &FOR_IMAGE, logs: workspace.tools(), is_optional: true }
    }

    pub(super) fn for_chart(workspace: &Workspace) -> Self {
        Self { what_for: "chart's tests", programs: &FOR_CHART, logs: workspace.tools(), is_optional: true }
    }

    /// What builds for a processor that is not this machine's.
    pub(super) fn for_building(workspace: &Workspace, architecture: Architecture) -> Self {
        let programs = match architecture {
            Architecture::Aarch64 => &FOR_AARCH64,
            Architecture::X86_64 => &FOR_X86_64,
        };
        Self { what_for: "other processor", programs, logs: workspace.tools(), is_optional: false }
    }

    pub(super) fn for_gates(workspace: &Workspace) -> Self {
        Self { what_for: "gates", programs: &FOR_GATES, logs: workspace.tools(), is_optional: false }
    }

    fn missing(&self) -> impl Iterator<Item = &Program> {
        self.programs.iter().filter(|(program, _)| command::find(program).is_none())
    }

    fn install(&self) -> Result<()> {
        let packages: Vec<&str> = self.missing().map(|(_, package)| *package).collect();
        install_packages(&self.logs, &packages)
    }

    fn update_and_install(&self) -> Result<()> {
        apt_get(&["update"], &self.logs.join("apt-update.log"))?;
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

/// Installs packages of the distribution.
pub(super) fn install_packages(logs: &Path, packages: &[&str]) -> Result<()> {
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    apt_get(&arguments, &logs.join("apt-install.log"))
}

fn apt_get(arguments: &[&str], log: &Path) -> Result<()> {
    if command::find("apt-get").is_none() {
        bail!("`apt-get` is not here: this is not a Debian");
    }
    let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
    let mut command = Privilege::detect().command("apt-get", &quiet)?;
    command::logged(command.args(arguments), log)
}
