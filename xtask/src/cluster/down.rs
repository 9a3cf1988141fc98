//! Ending the cluster.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use super::{cgroup::Group, folder::Folder, network, node, process::Process};
use crate::patience;

/// Ends it, and removes what is left of it; whoever killed what before, nothing stays.
pub(super) fn run(folder: &Folder) -> Result<()> {
    let lock = folder.exists().then(|| folder.lock()).transpose()?;
    let was_there = lock.is_some();
    remove(folder)?;
    drop(lock);
    println!("{}", if was_there { "the cluster is gone" } else { "there is no cluster" });
    Ok(())
}

/// The same for who has locked the folder. Whatever is not there any more is passed over.
pub(super) fn remove(folder: &Folder) -> Result<()> {
    // The kubelet first: it would start again what has ended.
    for name in ["kubelet", "containerd", node::ANCHOR] {
        end(folder, name)?;
    }
    Group::find()?.remove()?;
    network::remove()?;
    remove_folder(folder.root())
}

fn end(folder: &Folder, name: &str) -> Result<()> {
    let Some(process) = Process::kept(&folder.process(name)) else { return Ok(()) };
    process.end();
    patience::until(&format!("the end of {name}"), || Ok(!process.runs()))
}

/// Never while something is mounted there: what is deleted might be this machine's.
fn remove_folder(root: &Path) -> Result<()> {
    let mounts = fs::read_to_string("/proc/self/mounts").context("cannot read the mounts")?;
    if let Some(place) = mounted_within(&mounts, root) {
        bail!("something is mounted at {place}: unmount it first");
    }
    if root.exists() {
        fs::remove_dir_all(root).with_context(|| format!("cannot remove {}", root.display()))?;
    }
    Ok(())
}

fn mounted_within<'a>(mounts: &'a str, root: &Path) -> Option<&'a str> {
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    places.into_iter().find(|place| Path::new(place).starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::mounted_within;
    use std::path::Path;

    #[test]
    fn only_what_is_mounted_within_is_in_the_way() {
        let mounts = "none /var/lib/cluster-2 tmpfs rw 0 0\nnone /var/lib/cluster/run tmpfs rw 0 0\n";
        let within = |root| mounted_within(mounts, Path::new(root));
        assert_eq!(within("/var/lib/cluster"), Some("/var/lib/cluster/run"));
        assert_eq!(within("/var/lib/cluster/etc"), None);
    }
}
