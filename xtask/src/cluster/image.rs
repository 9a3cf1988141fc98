//! Images for the node, made of programs that are on this machine: none can be pulled.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    name_server::{self, NameServer},
    program::{self, Programs},
    setting,
};
use crate::{archive::tar, command, vm::library};

/// Where the programs of Kubernetes are in its image.
const PROGRAMS: &str = "usr/local/bin";

/// What kube-proxy sets the node's rules with.
const NFT: &str = "usr/sbin/nft";

/// What pods call the image of the managers.
const MANAGER: &str = "localhost/rampart-manager:1";

/// An image of one layer.
#[derive(Debug)]
pub(super) struct Image {
    /// What pods call it, each with its tag.
    names: Vec<String>,
    /// What is run whatever a pod says, unless it says what to run in place of it.
    entrypoint: Option<&'static str>,
    /// What is run when a pod says nothing else, or what the above is told then.
    command: &'static str,
    /// (file of this machine, path in the image without the first slash)
    files: Vec<(PathBuf, PathBuf)>,
    /// (target, path in the image without the first slash)
    links: Vec<(&'static str, PathBuf)>,
}

/// What the node cannot be without, and a small one to try things with.
pub(super) fn all(programs: &Programs, server: &NameServer) -> Result<Vec<Image>> {
    Ok(vec![kubernetes(programs)?, pause(programs), name_server(server), busybox()?])
}

/// A small one with a program that stands for a manager of Wazuh's, and the libraries that it wants.
pub(super) fn manager(program: &Path) -> Result<Image> {
    let mut image = busybox()?;
    image.names = vec![MANAGER.to_owned()];
    image.entrypoint = Some("/manager");
    image.command = "--help";
    image.add_libraries(program)?;
    image.files.push((program.to_owned(), PathBuf::from("manager")));
    Ok(image)
}

/// One image goes by the names of all, as one program does.
fn kubernetes(programs: &Programs) -> Result<Image> {
    let (version, etcd) = (setting::version()?, setting::etcd_tag()?);
    let names = ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"];
    let nft = command::find("nft").context("there is no nft")?;
    let mut image = busybox()?;
    image.names = names.map(|name| setting::image(name, version)).to_vec();
    image.names.push(setting::image("etcd", &etcd));
    // Not by links: rules go by the name of the file that runs.
    image.files.extend(program::NAMES.map(|name| (programs.kubernetes(), Path::new(PROGRAMS).join(name))));
    image.add_libraries(&nft)?;
    image.files.push((nft, PathBuf::from(NFT)));
    Ok(image)
}

/// Pods of `kubeadm` say what it is told only.
fn name_server(server: &NameServer) -> Image {
    Image {
        names: vec![setting::image(name_server::NAME, name_server::VERSION)],
        entrypoint: Some("/coredns"),
        command: "-plugins",
        files: vec![(server.program(), PathBuf::from("coredns"))],
        links: Vec::new(),
    }
}

fn pause(programs: &Programs) -> Image {
    Image {
        names: vec![setting::image(program::PAUSE, setting::PAUSE_TAG)],
        entrypoint: None,
        command: "/pause",
        files: vec![(programs.pause(), PathBuf::from("pause"))],
        links: Vec::new(),
    }
}

fn busybox() -> Result<Image> {
    let busybox = command::find("busybox").context("there is no busybox")?;
    let names = [
        "cat", "cp", "id", "ls", "mkdir", "mount", "nc", "nslookup", "ps", "sh", "sleep", "tar", "true",
        "uname", "vi", "wget",
    ];
    Ok(Image {
        names: vec![setting::BUSYBOX.to_owned()],
        entrypoint: None,
        command: "/bin/sh",
        files: vec![(busybox, PathBuf::from("bin/busybox"))],
        links: names.map(|name| ("busybox", Path::new("bin").join(name))).to_vec(),
    })
}

impl Image {
    /// What to call it in a message.
    pub(super) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    fn add_libraries(&mut self, program: &Path) -> Result<()> {
        for library in library::of(program)? {
            let inside = library.strip_prefix("/").unwrap_or(&library).to_owned();
            self.files.push((library, inside));
        }
        Ok(())
    }

    /// Writes it as an archive of the form of `docker save`, below a folder that is made for it.
    pub(super) fn archive(&self, scratch: &Path) -> Result<PathBuf> {
        let root = scratch.join("root");
        self.lay_out(&root)?;
        let layer = scratch.join("layer.tar");
        command::capture(tar(&root, &layer, 0).arg("."))?;
        let digest = command::capture(Command::new("sha256sum").arg(&layer))?;
        let digest = digest.split_whitespace().next().context("sha256sum says nothing")?;
        write_json(&scratch.join("config.json"), &self.config(digest))?;
        let manifest = json!([{ "Config": "config.json", "RepoTags": self.names, "Layers": ["layer.tar"] }]);
        write_json(&scratch.join("manifest.json"), &manifest)?;
        let archive = scratch.join("image.tar");
        command::capture(tar(scratch, &archive, 0).args(["manifest.json", "config.json", "layer.tar"]))?;
        Ok(archive)
    }

    fn lay_out(&self, root: &Path) -> Result<()> {
        for folder in ["etc", "proc", "sys", "tmp"] {
            fs::create_dir_all(root.join(folder))?;
        }
        for (source, inside) in &self.files {
            let target = with_folder(root, inside)?;
            // What is linked to is meant, not the link.
            let source = source.canonicalize().with_context(|| format!("no {}", source.display()))?;
            program::place(&source, &target)?;
        }
        for (target, inside) in &self.links {
            symlink(target, with_folder(root, inside)?)
                .with_context(|| format!("cannot link {}", inside.display()))?;
        }
        Ok(())
    }

    fn config(&self, digest: &str) -> serde_json::Value {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        json!({
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": self.entrypoint.map(|program| [program]),
                "Cmd": [self.command],
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{digest}")] },
        })
    }
}

fn with_folder(root: &Path, inside: &Path) -> Result<PathBuf> {
    let path = root.join(inside);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    Ok(path)
}

fn write_json(path: &Path, value: &serde_json::Value) -> Result<()> {
    fs::write(path, value.to_string()).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Image;
    use crate::command;
    use std::{path::PathBuf, process::Command};

    #[test]
    fn an_archive_holds_the_layer_and_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let image = Image {
            names: vec!["localhost/try:1".to_owned()],
            entrypoint: None,
            command: "/bin/true",
            files: vec![(PathBuf::from("/bin/true"), PathBuf::from("bin/true"))],
            links: vec![("true", PathBuf::from("bin/yes"))],
        };
        let archive = image.archive(folder.path()).unwrap();
        let contents = command::capture(Command::new("tar").arg("-tf").arg(archive)).unwrap();
        assert_eq!(contents, "manifest.json\nconfig.json\nlayer.tar");
        let layer = folder.path().join("layer.tar");
        let layer = command::capture(Command::new("tar").arg("-tf").arg(layer)).unwrap();
        assert!(layer.contains("./bin/true") && layer.contains("./bin/yes"), "{layer}");
    }
}
