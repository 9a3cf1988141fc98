//! The pods of one node, told as they change.

use std::{pin::pin, sync::Arc};

use futures_util::{
    StreamExt as _,
    stream::{FuturesUnordered, unfold},
};
use rampart_bus::{Closed, Sender};
use rampart_model::PodChange;
use tokio::time::{Instant, sleep_until};

use crate::{Cluster, KubernetesError, LabelChoice};
use feed::Feed;
use owners::look_up;
use roster::Roster;

mod digest;
mod feed;
mod owners;
mod record;
mod roster;
mod state;

pub use state::WatchState;

/// Most owners that are looked up at once.
const LOOKUPS: usize = 4;

/// Tells of the pods of one node, for ever.
///
/// A pod whose owners' chain is not known yet is held back for 300 ms while the owner is looked up; then, and at once where that
/// fails, it is told with the owner that is known, as pending, and again as soon as the chain is. At most 4,096 pods are known, and
/// they take at most 32 MiB.
#[derive(Debug)]
pub struct PodWatch {
    cluster: Cluster,
    node: Box<str>,
    labels: LabelChoice,
    state: Arc<WatchState>,
}

impl PodWatch {
    /// Of the pods that are bound to `node`, with those labels.
    #[must_use]
    pub fn new(cluster: Cluster, node: &str, labels: LabelChoice) -> Self {
        Self { cluster, node: node.into(), labels, state: Arc::default() }
    }

    /// What it has heard, and how it is.
    #[must_use]
    pub fn state(&self) -> Arc<WatchState> {
        Arc::clone(&self.state)
    }

    /// Tells of pods until nobody listens any more. Whatever happens to the API server, it tries again: after at most 32 s;
    /// where a connection is silent it waits before that for 150 s, or for 5 min if it has heard no bookmark on it.
    ///
    /// # Errors
    /// None at present: what goes wrong is in [`PodWatch::state`].
    pub async fn run(&mut self, changes: &Sender<PodChange>) -> Result<(), KubernetesError> {
        let feed = Feed::new(self.cluster.clone(), &self.node, Arc::clone(&self.state));
        // The stream keeps what is under way when something else comes first.
        let mut news = pin!(unfold(feed, async |mut feed| Some((feed.next().await, feed))));
        let mut roster = Roster::new(&self.labels, Arc::clone(&self.state));
        let mut lookups = FuturesUnordered::new();
        loop {
            let due = roster.due(lookups.len() < LOOKUPS);
            tokio::select! {
                Some(news) = news.next() => roster.take(news, Instant::now()),
                Some(answer) = lookups.next() => roster.learn(answer, Instant::now()),
                () = wait_until(due) => roster.release(Instant::now()),
            }
            while lookups.len() < LOOKUPS
                && let Some(question) = roster.question(Instant::now())
            {
                lookups.push(look_up(self.cluster.clone(), question));
            }
            if tell(&mut roster, changes).await.is_err() {
                return Ok(());
            }
        }
    }
}

async fn tell(roster: &mut Roster<'_>, changes: &Sender<PodChange>) -> Result<(), Closed> {
    while let Some(change) = roster.told() {
        changes.send(change).await?;
    }
    Ok(())
}

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
