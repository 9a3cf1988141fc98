use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A statically linked program with everything that a small container needs.
const BUSYBOX: &str = "/bin/busybox";

/// Applets that get a link in the container.
const APPLETS: [&str; 5] = ["sh", "mount", "nc", "sleep", "touch"];

/// A container for runc: busybox as its whole root file system.
#[derive(Debug)]
pub struct Bundle {
    folder: TempDir,
}

impl Bundle {
    /// Makes one.
    ///
    /// # Errors
    /// When runc or busybox is missing.
    pub fn new() -> anyhow::Result<Self> {
        let bundle = Self { folder: tempfile::tempdir()? };
        let bin = bundle.root().join("bin");
        fs::create_dir_all(&bin)?;
        fs::create_dir_all(bundle.root().join("tmp"))?;
        fs::copy(BUSYBOX, bin.join("busybox")).context("copying busybox (package busybox-static)")?;
        for applet in APPLETS {
            std::os::unix::fs::symlink("busybox", bin.join(applet))?;
        }
        // Exists in the container under a miner's name; it does nothing.
        fs::copy(BUSYBOX, bin.join("xmrig"))?;
        let spec = Command::new("runc").arg("spec").current_dir(bundle.folder.path()).output()?;
        if !spec.status.success() {
            bail!("runc spec: {}", String::from_utf8_lossy(&spec.stderr));
        }
        Ok(bundle)
    }

    /// Runs a script in a container of that id and waits for it.
    ///
    /// # Errors
    /// When runc cannot be run.
    pub fn run(&self, id: &str, script: &str) -> anyhow::Result<Output> {
        self.configure(script)?;
        let mut runc = Command::new("runc");
        runc.args(["run", "--bundle"]).arg(self.folder.path()).arg(id).stdin(Stdio::null());
        Ok(runc.output()?)
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("rootfs")
    }

    /// Puts the script in, and the one capability that mounting needs.
    fn configure(&self, script: &str) -> anyhow::Result<()> {
        let file = self.folder.path().join("config.json");
        let mut config: Json = serde_json::from_slice(&fs::read(&file)?)?;
        set(&mut config, "/process/terminal", json!(false))?;
        set(&mut config, "/process/args", json!(["/bin/sh", "-c", script]))?;
        set(&mut config, "/root/readonly", json!(false))?;
        for kind in ["bounding", "effective", "permitted"] {
            let capabilities = json!(["CAP_SYS_ADMIN", "CAP_KILL"]);
            set(&mut config, &format!("/process/capabilities/{kind}"), capabilities)?;
        }
        fs::write(&file, serde_json::to_vec(&config)?)?;
        Ok(())
    }
}

fn set(config: &mut Json, pointer: &str, value: Json) -> anyhow::Result<()> {
    *config.pointer_mut(pointer).with_context(|| format!("runc's specification has no {pointer}"))? = value;
    Ok(())
}

impl AsRef<Path> for Bundle {
    fn as_ref(&self) -> &Path {
        self.folder.path()
    }
}
