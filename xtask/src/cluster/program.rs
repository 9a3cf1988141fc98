//! The programs of Kubernetes, built from its sources once and kept for all checkouts of this repository.

use std::{
    env,
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use super::folder::Folder;
use crate::command;

/// What they are built from. When one changes, they are built anew.
const SOURCES: [(&str, &str); 4] = [
    ("go.mod", include_str!("kubernetes/go.mod")),
    ("go.sum", include_str!("kubernetes/go.sum")),
    ("main.go", include_str!("kubernetes/main.go")),
    ("pause/main.go", include_str!("kubernetes/pause/main.go")),
];

/// The program of all that is Kubernetes.
const KUBERNETES: &str = "kubernetes";

/// The program that holds namespaces.
pub(super) const PAUSE: &str = "pause";

/// What the program does, by what it is called.
pub(super) const NAMES: [&str; 8] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
];

/// What is installed on a node; the rest is in images.
const INSTALLED: [&str; 3] = ["kubeadm", "kubectl", "kubelet"];

/// Puts a file somewhere under another name: without a copy, but for another file system.
pub(super) fn place(source: &Path, target: &Path) -> Result<()> {
    if fs::hard_link(source, target).is_err() {
        fs::copy(source, target).with_context(|| format!("cannot copy {}", source.display()))?;
    }
    Ok(())
}

/// The programs on this disk.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The ones that are kept, or else new ones.
    pub(super) fn get() -> Result<Self> {
        let programs = Self { folder: cache()?.join(KUBERNETES) };
        if programs.are_current() {
            return Ok(programs);
        }
        let lock = programs.lock()?;
        // Another process may have built them while this one waited.
        if programs.are_current() {
            return Ok(programs);
        }
        let version = version_of("k8s.io/kubernetes")?;
        println!("building Kubernetes {version}: once, in about ten minutes");
        let start = Instant::now();
        programs.build(version)?;
        drop(lock);
        println!("built Kubernetes {version} in {} s", start.elapsed().as_secs());
        Ok(programs)
    }

    /// Everything of Kubernetes.
    pub(super) fn kubernetes(&self) -> PathBuf {
        self.built().join(KUBERNETES)
    }

    /// What holds the namespaces of the node, and of each pod.
    pub(super) fn pause(&self) -> PathBuf {
        self.built().join(PAUSE)
    }

    /// Links them into the cluster's folder by the names that they go by, and puts them where packages have them on a
    /// node: there rules go by the name of the file that runs.
    pub(super) fn link(&self, folder: &Folder) -> Result<()> {
        let kubernetes = NAMES.map(|name| (folder.program(name), self.kubernetes()));
        let pause = [(folder.program(PAUSE), self.pause())];
        for (link, program) in kubernetes.into_iter().chain(pause) {
            symlink(&program, &link).with_context(|| format!("cannot link {}", link.display()))?;
        }
        INSTALLED.iter().try_for_each(|name| place(&self.kubernetes(), &folder.installed(name)))
    }

    fn built(&self) -> PathBuf {
        self.folder.join("bin")
    }

    fn source(&self) -> PathBuf {
        self.folder.join("source")
    }

    fn are_current(&self) -> bool {
        let source = self.source();
        let same = |(name, text): &(&str, &str)| {
            fs::read_to_string(source.join(name)).is_ok_and(|kept| kept == *text)
        };
        self.kubernetes().is_file() && self.pause().is_file() && SOURCES.iter().all(same)
    }

    /// Waits until no other process builds them; then none does as long as the file is open.
    fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        let file = File::create(self.folder.join("lock"))?;
        file.lock().context("cannot lock the folder of Kubernetes")?;
        Ok(file)
    }

    fn build(&self, version: &str) -> Result<()> {
        if command::find("go").is_none() {
            let release = version_of("go")?;
            bail!("there is no `go` to build Kubernetes with: install Go {release} or newer");
        }
        let new = self.folder.join("new");
        for folder in [self.built(), self.source(), new.clone()] {
            if folder.exists() {
                fs::remove_dir_all(&folder)
                    .with_context(|| format!("cannot replace {}", folder.display()))?;
            }
        }
        for (name, text) in SOURCES {
            write(&self.source().join(name), text)?;
        }
        fs::create_dir_all(&new).with_context(|| format!("cannot create {}", new.display()))?;
        let mut go = Command::new("go");
        go.args([
            "build",
            "-mod=readonly",
            "-buildvcs=false",
            "-trimpath",
            "-ldflags",
            &stamp(version),
            "-o",
        ]);
        // Without cgo there is nothing of the machine's libraries in them, so that they run in any container.
        go.arg(&new).args([".", "./pause"]).current_dir(self.source()).env("CGO_ENABLED", "0");
        // A compiler that collects no garbage until it has much of it needs a sixth less time.
        go.env("GOGC", "off").env("GOMEMLIMIT", "2GiB");
        command::logged(&mut go, &self.folder.join("build.log"))?;
        // Last, so that an interrupted build does not pass for a whole one.
        fs::rename(&new, self.built()).context("cannot keep the programs")
    }
}

/// The version of a module, with its `v`, as go.mod has it.
pub(super) fn version_of(module: &str) -> Result<&'static str> {
    let lines = SOURCES.iter().filter(|(name, _)| *name == "go.mod").flat_map(|(_, text)| text.lines());
    lines
        .filter_map(|line| line.trim().split_once(' '))
        .find_map(|(name, version)| (name == module).then_some(version))
        .with_context(|| format!("go.mod requires no {module}"))
}

/// Without its own version Kubernetes takes itself for v0.0.0, and no part talks to another.
fn stamp(version: &str) -> String {
    let mut parts = version.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let variable = "-X k8s.io/component-base/version.git";
    format!("-s -w {variable}Version={version} {variable}Major={major} {variable}Minor={minor}")
}

/// Where what is built once for all checkouts is kept.
pub(crate) fn cache() -> Result<PathBuf> {
    let cache = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(cache), _) => PathBuf::from(cache),
        (None, Some(home)) => Path::new(&home).join(".cache"),
        (None, None) => bail!("neither XDG_CACHE_HOME nor HOME says where what is built once is to be kept"),
    };
    Ok(cache.join("rampart"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Programs, SOURCES, stamp, version_of, write};

    #[test]
    fn versions_come_from_the_module_file() {
        assert!(version_of("k8s.io/kubernetes").unwrap().starts_with("v1."));
        assert!(version_of("no.such/module").is_err());
    }

    #[test]
    fn the_stamp_has_the_whole_version_and_its_first_parts() {
        let stamp = stamp("v1.35.4");
        assert!(stamp.contains("gitVersion=v1.35.4") && stamp.ends_with("gitMinor=35"), "{stamp}");
    }

    #[test]
    fn programs_of_other_sources_are_not_current() {
        let folder = tempfile::tempdir().unwrap();
        let programs = Programs { folder: folder.path().to_owned() };
        for (name, text) in SOURCES {
            write(&programs.source().join(name), text).unwrap();
        }
        assert!(!programs.are_current());
        write(&programs.kubernetes(), "").unwrap();
        write(&programs.pause(), "").unwrap();
        assert!(programs.are_current());
        write(&programs.source().join("main.go"), "package main").unwrap();
        assert!(!programs.are_current());
    }
}
