use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    io,
    mem::MaybeUninit,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::inotify::{self, CreateFlags, Event, ReadFlags, Reader, WatchFlags},
    io::Errno,
};
use tokio::io::{Interest as Readiness, unix::AsyncFd};

use super::{
    gate::Gate,
    survey::{Digest, is_hidden, is_policy},
};

/// Names that come and go. A folder that is watched twice is watched for both.
const NAMES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::MASK_ADD);

/// And what is in the files.
const CONTENTS: WatchFlags =
    NAMES.union(WatchFlags::MODIFY).union(WatchFlags::CLOSE_WRITE).union(WatchFlags::ATTRIB);

/// Watches on all that rules are read from.
#[derive(Debug)]
pub(super) struct Watches {
    queue: OwnedFd,
    interests: BTreeMap<i32, Interest>,
}

/// What is of interest in a folder.
#[derive(Debug, Default)]
struct Interest {
    /// Everything that rules may be read from.
    policies: bool,
    /// What leads to a root.
    names: BTreeSet<OsString>,
}

impl Watches {
    /// None yet.
    pub(super) fn new() -> io::Result<Self> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Self { queue, interests: BTreeMap::new() })
    }

    /// Watches everything under the roots and the way to them, and reads what is there.
    ///
    /// # Errors
    /// When the kernel allows no more watches.
    pub(super) fn survey(&mut self, roots: &[PathBuf]) -> io::Result<Digest> {
        for gate in roots.iter().flat_map(|root| Gate::all(root)) {
            self.watch_gate(gate)?;
        }
        let mut watched = Ok(());
        let digest = Digest::survey(roots, |path| {
            if watched.is_ok() {
                watched = self.watch_policies(path);
            }
        });
        watched.map(|()| digest)
    }

    fn watch_policies(&mut self, path: &Path) -> io::Result<()> {
        if let Some(watch) = self.add(path, CONTENTS)? {
            self.interests.entry(watch).or_default().policies = true;
        }
        Ok(())
    }

    fn watch_gate(&mut self, Gate { folder, name }: Gate) -> io::Result<()> {
        let Some(watch) = self.add(&folder, NAMES)? else { return Ok(()) };
        self.interests.entry(watch).or_default().names.insert(name);
        Ok(())
    }

    /// None for what is not there, or cannot be read; there is somebody else to tell that.
    fn add(&self, path: &Path, flags: WatchFlags) -> io::Result<Option<i32>> {
        match inotify::add_watch(&self.queue, path, flags) {
            Ok(watch) => Ok(Some(watch)),
            Err(error @ (Errno::NOSPC | Errno::NOMEM)) => Err(error.into()),
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "not watched");
                Ok(None)
            }
        }
    }

    /// Whether anything of interest has changed since the last call.
    pub(super) fn have_changed(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.queue, &mut buffer);
        let mut changed = false;
        loop {
            match reader.next() {
                Ok(event) => changed |= self.concerns(&event),
                Err(Errno::INTR) => {}
                Err(_) => return changed,
            }
        }
    }

    fn concerns(&self, event: &Event<'_>) -> bool {
        let flags = event.events();
        // What was left out may have been anything.
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            return true;
        }
        // Its folder is gone, and that has been told.
        if flags.contains(ReadFlags::IGNORED) {
            return false;
        }
        let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
        match (self.interests.get(&event.wd()), name) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(interest), Some(name)) => {
                // Files may be links through hidden names, as those of a `ConfigMap` volume are.
                let may_be_policy = || flags.contains(ReadFlags::ISDIR) || is_policy(name) || is_hidden(name);
                interest.names.contains(name) || (interest.policies && may_be_policy())
            }
        }
    }

    /// Ends when something of interest has changed. Never where the kernel's queue cannot be waited for.
    pub(super) async fn changed(&self) {
        if let Err(error) = self.wait().await {
            tracing::warn!(%error, "the folders of rules are not watched any more; send SIGHUP after a change");
            std::future::pending::<()>().await;
        }
    }

    #[expect(
        deprecated,
        reason = "what takes its place is unsafe, for descriptors that may change; this one is borrowed and cannot"
    )]
    async fn wait(&self) -> io::Result<()> {
        let queue = AsyncFd::with_interest(self.queue.as_fd(), Readiness::READABLE)?;
        loop {
            let mut ready = queue.readable().await?;
            // Before reading: what comes after it is told again.
            ready.clear_ready();
            if self.have_changed() {
                return Ok(());
            }
        }
    }
}
