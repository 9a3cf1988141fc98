//! Notices that the folders of rules change, and loads the rules again.
//!
//! What is read while others write may be half of one set and half of another. So everything is looked at before and
//! after: rules come into force only when nothing has changed in between.

mod gate;
mod inotify;
mod survey;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rampart_kernel::give_back_memory;
use tokio::{
    sync::Notify,
    task::{JoinError, spawn_blocking},
    time::{Instant, timeout_at},
};

use self::inotify::Watches;
pub(crate) use self::survey::Digest;
use crate::policies::{Reloaded, Reloads};

/// Who changes one file changes others, too: so long nothing more must come.
const QUIET: Duration = Duration::from_millis(250);

/// And so long after the first change nobody waits for quiet any more.
const LATEST: Duration = Duration::from_secs(5);

/// How often folders that change while they are read are read before what is there is taken.
const ATTEMPTS: u32 = 5;

/// Loads the rules again when their folders change, or when it is asked to.
pub(crate) struct Watcher {
    roots: Vec<PathBuf>,
    watching: bool,
    reloads: Reloads,
    asked: Notify,
    /// What was last put in force or refused.
    judged: Mutex<Option<Digest>>,
}

/// What came of reading the folders once.
struct Reading {
    watches: Option<Watches>,
    digest: Digest,
    /// None where it is what was judged already.
    reloaded: Option<Reloaded>,
    /// Somebody wrote meanwhile.
    torn: bool,
}

impl Watcher {
    /// For the folders whose rules are in force, and what had been in them when those were loaded.
    pub(crate) fn new(roots: Vec<PathBuf>, watch: bool, in_force: Digest, reloads: Reloads) -> Self {
        // The rules in the binary do not change.
        let watching = watch && !roots.is_empty();
        Self { roots, watching, reloads, asked: Notify::new(), judged: Mutex::new(Some(in_force)) }
    }

    /// Loads the rules again soon, whether they have changed or not.
    pub(crate) fn ask(&self) {
        self.asked.notify_one();
    }

    /// Goes on for ever.
    ///
    /// # Errors
    /// When reading them panics.
    pub(crate) async fn run(&self) -> Result<(), JoinError> {
        // They may have changed since they were loaded first.
        let mut watches = if self.watching { self.read(false).await? } else { None };
        loop {
            let asked = tokio::select! {
                biased;
                () = self.asked.notified() => true,
                () = settled(watches.as_ref()) => false,
            };
            // There may be only so many of them: the new ones come after the old ones have gone.
            drop(watches);
            watches = self.read(asked).await?;
        }
    }

    /// Reads until nobody writes meanwhile, and puts what was read in force.
    async fn read(&self, asked: bool) -> Result<Option<Watches>, JoinError> {
        let mut attempt = 1;
        loop {
            let Reading { watches, digest, reloaded, torn } = self.read_once(asked).await?;
            let Some(reloaded) = reloaded else { return Ok(watches) };
            if !torn {
                self.judge(Some(digest), reloaded);
                return Ok(watches);
            }
            if attempt == ATTEMPTS {
                tracing::warn!(
                    attempts = ATTEMPTS,
                    "the folders of rules change all the time; rules of different moments may be in force together"
                );
                self.judge(None, reloaded);
                attempt = 0;
            }
            attempt += 1;
            quiet(watches.as_ref()).await;
        }
    }

    fn judge(&self, digest: Option<Digest>, reloaded: Reloaded) {
        self.reloads.put(reloaded);
        *self.judged.lock().unwrap_or_else(PoisonError::into_inner) = digest;
    }

    async fn read_once(&self, asked: bool) -> Result<Reading, JoinError> {
        let (roots, watching) = (self.roots.clone(), self.watching);
        let judged = *self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let known = judged.filter(|_| !asked);
        spawn_blocking(move || Reading::of(&roots, watching, known)).await
    }
}

impl Reading {
    fn of(roots: &[PathBuf], watching: bool, known: Option<Digest>) -> Self {
        // Watched first and read then: what changes behind is told.
        let (watches, digest) = if watching { watched(roots) } else { (None, Digest::of(roots)) };
        if known == Some(digest) {
            return Self { watches, digest, reloaded: None, torn: false };
        }
        let reloaded = Some(Reloaded::load(roots));
        // Rules as they are read take several times what they take as they are compiled.
        give_back_memory();
        let written = watches.as_ref().is_some_and(Watches::have_changed);
        Self { torn: written || Digest::of(roots) != digest, watches, digest, reloaded }
    }
}

/// Watches the folders, and says what is in them.
fn watched(roots: &[PathBuf]) -> (Option<Watches>, Digest) {
    let watches = Watches::new().and_then(|mut watches| {
        let digest = watches.survey(roots)?;
        Ok((watches, digest))
    });
    match watches {
        Ok((watches, digest)) => (Some(watches), digest),
        Err(error) => {
            tracing::warn!(
                %error,
                "the folders of rules cannot be watched; send SIGHUP after a change, \
                 or raise fs.inotify.max_user_watches and max_user_instances"
            );
            (None, Digest::of(roots))
        }
    }
}

/// Ends when something has changed, and then nothing more for a while. Never where nothing is watched.
async fn settled(watches: Option<&Watches>) {
    match watches {
        Some(watches) => {
            watches.changed().await;
            quiet(Some(watches)).await;
        }
        None => std::future::pending().await,
    }
}

/// Ends when nothing has changed for a while, or when that takes too long.
async fn quiet(watches: Option<&Watches>) {
    let latest = Instant::now() + LATEST;
    loop {
        let until = latest.min(Instant::now() + QUIET);
        let more = async {
            match watches {
                Some(watches) => watches.changed().await,
                None => std::future::pending().await,
            }
        };
        if timeout_at(until, more).await.is_err() || Instant::now() >= latest {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
