//! Where destructive deeds are done: the machine as it is, and afterwards as it was.

use std::{
    env,
    fs::{self, DirBuilder, File},
    net::{Ipv4Addr, TcpListener},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt as _, chown},
    },
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use rustix::{
    fs::CWD,
    mount::{MountFlags, MoveMountFlags, OpenTreeFlags, mount, move_mount, open_tree},
    thread::UnshareFlags,
};

use super::overlay;
use crate::{
    arguments::Arguments,
    namespace::{private_mounts, raise_loopback, unshare},
    program,
    report::{Lacking, Report},
};

/// What can be changed for the time being, where it is there.
const OVERLAID: [&str; 13] = [
    "/bin", "/boot", "/etc", "/home", "/lib", "/lib64", "/opt", "/root", "/run", "/sbin", "/srv", "/usr",
    "/var",
];

/// What is empty. The last one serves for the layers of the others before.
const EMPTY: [&str; 3] = ["/dev/shm", "/var/tmp", "/tmp"];
const LAYERS: &str = "/tmp";

/// The port at which somebody listens, in a network that has nobody else.
const PORT_VARIABLE: &str = "RAMPART_LISTENING_PORT";

/// Does another deed where nothing lasts: files, mounts, network, host's name, System V IPC.
pub(crate) fn perform(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let this = program::this()?;
    let current = env::current_dir()?;
    private_mounts()?;
    unshare(UnshareFlags::NEWUTS | UnshareFlags::NEWIPC | UnshareFlags::NEWNET)?;
    raise_loopback().context("raising the loopback device")?;
    let _listener = listen()?;
    let kept = [Kept::take(&this)?, Kept::take(&current)?];
    cover()?;
    kept.iter().flatten().try_for_each(Kept::put_back)?;
    env::set_current_dir(&current)?;
    let inner = program::perform(&this, arguments.words())?;
    Ok(Report::new().with("inner", inner))
}

/// Nobody accepts: the kernel completes connections by itself.
fn listen() -> anyhow::Result<Option<TcpListener>> {
    let Some(port) = env::var_os(PORT_VARIABLE) else { return Ok(None) };
    let port = port.to_str().and_then(|port| port.parse().ok()).context(PORT_VARIABLE)?;
    Ok(Some(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?))
}

/// Covers folders so that what is done in them goes to memory.
fn cover() -> anyhow::Result<()> {
    mount_empty(LAYERS)?;
    // A link leads to one that is covered, or to one that is not the machine's.
    let present = |folder: &&Path| folder.symlink_metadata().is_ok_and(|found| found.is_dir());
    for folder in OVERLAID.map(Path::new).iter().filter(|folder| present(folder)) {
        overlay(folder).map_err(|error| Lacking(format!("{}: {error:#}", folder.display())))?;
    }
    EMPTY.iter().filter(|folder| Path::new(folder).is_dir()).try_for_each(|folder| mount_empty(folder))
}

fn mount_empty(folder: &str) -> anyhow::Result<()> {
    mount("none", folder, "tmpfs", MountFlags::empty(), c"mode=1777").context(folder.to_owned())
}

fn overlay(folder: &Path) -> anyhow::Result<()> {
    let layers = Path::new(LAYERS).join(folder.strip_prefix("/")?);
    let (upper, work) = (layers.join("upper"), layers.join("work"));
    for layer in [&upper, &work] {
        DirBuilder::new().recursive(true).create(layer)?;
    }
    // The upper one's own attributes are those that are seen.
    let found = fs::metadata(folder)?;
    chown(&upper, Some(found.uid()), Some(found.gid()))?;
    fs::set_permissions(&upper, found.permissions())?;
    overlay::mount([folder, &upper, &work, folder])
}

/// What must stay where it is although its folder is covered: this program, and where the deed is done.
struct Kept {
    path: PathBuf,
    is_folder: bool,
    mount: OwnedFd,
}

impl Kept {
    /// None for what is not going to be covered.
    fn take(path: &Path) -> anyhow::Result<Option<Self>> {
        if !OVERLAID.iter().chain(&EMPTY).any(|folder| path.starts_with(folder)) {
            return Ok(None);
        }
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        let mount = open_tree(CWD, path, flags).with_context(|| path.display().to_string())?;
        Ok(Some(Self { path: path.to_owned(), is_folder: path.is_dir(), mount }))
    }

    fn put_back(&self) -> anyhow::Result<()> {
        let folder = if self.is_folder { Some(self.path.as_path()) } else { self.path.parent() };
        DirBuilder::new().recursive(true).create(folder.context("a path without a folder")?)?;
        if !self.path.exists() {
            File::create_new(&self.path)?;
        }
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        move_mount(&self.mount, "", CWD, &self.path, flags).with_context(|| self.path.display().to_string())
    }
}
