//! The one folder of the cluster.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Where it is: one for the whole machine, because there can be one cluster on it.
const PLACE: &str = "/var/lib/rampart-cluster";

/// Folders at the root of which the node has its own version: what it writes there stays in the cluster's folder.
pub(super) const LAYERED: [&str; 4] = ["etc", "opt", "usr", "var"];

/// What the cluster keeps, and where.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Default for Folder {
    fn default() -> Self {
        Self { root: PathBuf::from(PLACE) }
    }
}

impl Folder {
    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn exists(&self) -> bool {
        self.root.exists()
    }

    /// Makes it with what must be there before the node is. An error when it is there.
    pub(super) fn create(&self) -> Result<()> {
        // It must be new: another process may be making the cluster.
        let created = DirBuilder::new().create(&self.root);
        created.with_context(|| format!("cannot create {}", self.root.display()))?;
        let parts = ["bin", "log", "process", "run", "scratch", "setting", "usr/bin"].map(PathBuf::from);
        let layers = LAYERED.iter().flat_map(|name| [PathBuf::from(name), Path::new("moving").join(name)]);
        for part in parts.into_iter().chain(layers) {
            let path = self.root.join(part);
            fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        }
        Ok(())
    }

    /// Keeps other processes from making or ending the cluster, as long as the file is open.
    pub(super) fn lock(&self) -> Result<File> {
        let path = self.root.join("lock");
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => bail!("another process is at work on the cluster"),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the cluster's folder"),
        }
    }

    /// Where a component says what it does.
    pub(super) fn log(&self, component: &str) -> PathBuf {
        self.root.join("log").join(component).with_extension("log")
    }

    /// Where a process is remembered.
    pub(super) fn process(&self, component: &str) -> PathBuf {
        self.root.join("process").join(component)
    }

    /// A program of Kubernetes.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.root.join("bin").join(name)
    }

    /// What the node sees in /usr/bin.
    pub(super) fn installed(&self, name: &str) -> PathBuf {
        self.root.join("usr/bin").join(name)
    }

    /// Where archives of images are made.
    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// What people give to `kubectl`.
    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.root.join("kubeconfig")
    }

    /// Writes a file, which may be a secret, with the folders above it.
    pub(super) fn write(&self, path: &str, contents: &str) -> Result<()> {
        let path = self.root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&path, contents).with_context(|| format!("cannot write {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(())
    }

    /// Copies what `kubeadm` made for administrators to where the user who called may read it. The original stays
    /// root's, as it must be on a node.
    pub(super) fn publish_kubeconfig(&self, user: Option<u32>) -> Result<()> {
        let made = fs::read_to_string(self.root.join("etc/kubernetes/admin.conf"))
            .context("kubeadm made no admin.conf")?;
        self.write("kubeconfig", &made)?;
        chown(self.kubeconfig(), user, None).context("cannot hand the kubeconfig over")
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn it_is_made_once_and_its_files_are_secret() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder { root: parent.path().join("cluster") };
        folder.create().unwrap();
        assert!(folder.create().is_err());
        let lock = folder.lock().unwrap();
        assert!(folder.lock().unwrap_err().to_string().contains("another process"));
        drop(lock);
        folder.lock().unwrap();

        folder.write("etc/deep/file", "text").unwrap();

        let file = parent.path().join("cluster/etc/deep/file");
        assert_eq!(fs::read_to_string(&file).unwrap(), "text");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
