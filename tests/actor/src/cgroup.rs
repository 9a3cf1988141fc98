use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use anyhow::Context as _;

use crate::report::Lacking;

/// Where the hierarchies are that the daemon asks for a container's name, in its order.
const HIERARCHIES: [&str; 4] =
    ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"];

/// What only the folder of a cgroup has.
const MEMBERS: &str = "cgroup.procs";

/// A cgroup of its own, as a container has. It goes with its owner; its processes must be gone by then.
#[derive(Debug)]
pub(crate) struct Cgroup(PathBuf);

impl Cgroup {
    pub(crate) fn create(name: &str) -> anyhow::Result<Self> {
        let mut reason = "no cgroup hierarchy is mounted".to_owned();
        for folder in HIERARCHIES.map(Path::new).iter().filter(|folder| folder.join(MEMBERS).exists()) {
            let folder = folder.join(name);
            match fs::DirBuilder::new().create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) => reason = format!("{}: {error}", folder.display()),
            }
        }
        Err(Lacking(reason).into())
    }

    /// Puts the calling process into it.
    pub(crate) fn enter(&self) -> anyhow::Result<()> {
        let members = self.0.join(MEMBERS);
        fs::write(&members, "0").with_context(|| format!("entering {}", self.0.display()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // A member counts until the kernel has put away the last of it.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            sleep(Duration::from_millis(20));
        }
    }
}
