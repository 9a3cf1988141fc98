//! The control group of the cluster: everything that its processes start is in it, so that nothing is missed when
//! they end, whoever killed what before.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::process;
use crate::patience;

/// What the kubelet has as its `cgroupRoot`, in every hierarchy.
pub(super) const NAME: &str = "rampart-cluster";

/// Where the node's own processes are.
const NODE: &str = "node";

/// A mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hierarchy {
    mounted: PathBuf,
    is_unified: bool,
}

impl Hierarchy {
    fn group(&self) -> PathBuf {
        self.mounted.join(NAME)
    }
}

/// The control group in all hierarchies of this machine.
#[derive(Debug)]
pub(super) struct Group {
    hierarchies: Vec<Hierarchy>,
}

impl Group {
    pub(super) fn find() -> Result<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").context("cannot read the mounts")?;
        Ok(Self { hierarchies: hierarchies(&mounts) })
    }

    /// Makes it, and says which file a process writes its number to, to be in it.
    pub(super) fn create(&self) -> Result<PathBuf> {
        for hierarchy in &self.hierarchies {
            prepare(hierarchy).with_context(|| format!("cannot create {}", hierarchy.group().display()))?;
        }
        let Some(unified) = self.hierarchies.iter().find(|hierarchy| hierarchy.is_unified) else {
            bail!("no cgroup2 is mounted: `mount -t cgroup2 none /sys/fs/cgroup/unified`, say");
        };
        let node = unified.group().join(NODE);
        fs::create_dir_all(&node).with_context(|| format!("cannot create {}", node.display()))?;
        Ok(node.join("cgroup.procs"))
    }

    /// Kills everything in it and removes it.
    pub(super) fn remove(&self) -> Result<()> {
        patience::until("the end of the cluster's processes", || {
            let left = self.processes();
            for id in &left {
                process::send(*id, Signal::KILL);
            }
            Ok(left.is_empty())
        })?;
        for group in self.hierarchies.iter().map(Hierarchy::group) {
            // A group is busy for a moment after its last process has gone.
            patience::until("the removal of the control groups", || Ok(remove_tree(&group).is_ok()))?;
        }
        Ok(())
    }

    fn processes(&self) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for hierarchy in &self.hierarchies {
            collect(&hierarchy.group(), &mut found);
        }
        found
    }
}

fn hierarchies(mounts: &str) -> Vec<Hierarchy> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let of_groups = mounts.filter(|(_, kind)| matches!(*kind, "cgroup" | "cgroup2"));
    of_groups
        .map(|(mounted, kind)| Hierarchy { mounted: PathBuf::from(mounted), is_unified: kind == "cgroup2" })
        .collect()
}

fn prepare(hierarchy: &Hierarchy) -> io::Result<()> {
    let group = hierarchy.group();
    fs::create_dir_all(&group)?;
    if hierarchy.is_unified {
        return hand_down(&hierarchy.mounted);
    }
    // Without them no process may be in a group of the old cpuset hierarchy.
    for name in ["cpuset.cpus", "cpuset.mems"] {
        if let Ok(all) = fs::read_to_string(hierarchy.mounted.join(name)) {
            fs::write(group.join(name), all)?;
        }
    }
    Ok(())
}

/// The kubelet wants its controllers in its root group, and names the one that it lacks: some cannot be handed down.
fn hand_down(mounted: &Path) -> io::Result<()> {
    let controllers = fs::read_to_string(mounted.join("cgroup.controllers"))?;
    for controller in controllers.split_whitespace() {
        fs::write(mounted.join("cgroup.subtree_control"), format!("+{controller}")).unwrap_or_default();
    }
    Ok(())
}

/// What cannot be read has just been removed.
fn collect(group: &Path, found: &mut BTreeSet<u32>) {
    let listed = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    found.extend(listed.lines().filter_map(|line| line.parse::<u32>().ok()));
    for child in children(group) {
        collect(&child, found);
    }
}

fn remove_tree(group: &Path) -> io::Result<()> {
    for child in children(group) {
        remove_tree(&child)?;
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn children(group: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

#[cfg(test)]
mod tests {
    use super::{collect, hierarchies, remove_tree};
    use std::{collections::BTreeSet, fs};

    #[test]
    fn old_and_unified_hierarchies_are_found() {
        let mounts = "proc /proc proc rw 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ntmpfs /sys/fs/cgroup tmpfs rw 0 0\n";
        let found: Vec<_> = hierarchies(mounts)
            .into_iter()
            .map(|hierarchy| (hierarchy.mounted.display().to_string(), hierarchy.is_unified))
            .collect();
        assert_eq!(
            found,
            [("/sys/fs/cgroup/pids".to_owned(), false), ("/sys/fs/cgroup/unified".to_owned(), true)]
        );
    }

    #[test]
    fn processes_of_all_depths_are_found_and_an_absent_group_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("kubepods/pod1")).unwrap();
        fs::write(folder.path().join("cgroup.procs"), "").unwrap();
        fs::write(folder.path().join("kubepods/pod1/cgroup.procs"), "17\n18\n").unwrap();
        let mut found = BTreeSet::new();
        collect(folder.path(), &mut found);
        collect(&folder.path().join("none"), &mut found);
        assert_eq!(found, BTreeSet::from([17, 18]));
        remove_tree(&folder.path().join("none")).unwrap();
    }
}
