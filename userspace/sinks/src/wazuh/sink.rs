use std::{borrow::BorrowMut, sync::Arc};

use rampart_bus::{Message, Outbox, SinkState};
use rampart_wazuh::{Answers, Client, ClientConfig, ConfigError, Outgoing, Status, Step};
use tokio::sync::watch;

use super::{Published, Snapshots};

/// An agent of Wazuh's: what its outbox gives arrives at one of the managers.
pub struct Agent<B = Outbox> {
    client: Client<Feed<B>, Scans>,
    status: Status,
}

impl<B: BorrowMut<Outbox> + Send> Agent<B> {
    /// An agent that sends what `outbox` gives, and answers with the last scan's results. What arrives is counted in `state`.
    ///
    /// # Errors
    /// [`ConfigError`] for a configuration that cannot work.
    pub fn new(
        config: ClientConfig,
        outbox: B,
        snapshots: Snapshots,
        state: Arc<SinkState>,
    ) -> Result<Self, ConfigError> {
        let scans = Scans { published: snapshots.subscribe(), snapshots };
        let client = Client::new(config, Feed { outbox, state }, scans)?;
        let status = client.status();
        Ok(Self { client, status })
    }

    /// What it does, to be looked at while it runs.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Works until `stop` is done, or all has arrived and nothing more will come.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        self.client.run(stop).await;
    }
}

/// The outbox, as the client sees it.
struct Feed<B> {
    outbox: B,
    state: Arc<SinkState>,
}

/// A message's body.
struct Body(Arc<Message>);

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

impl<B: BorrowMut<Outbox> + Send> Outgoing for Feed<B> {
    type Event = Body;

    async fn next(&mut self) -> Vec<Body> {
        self.outbox.borrow_mut().next().await.into_iter().map(Body).collect()
    }

    fn confirm(&mut self, count: usize) {
        self.outbox.borrow_mut().confirm(count);
        self.state.add_delivered(count);
    }

    fn rewind(&mut self) {
        self.outbox.borrow_mut().rewind();
    }

    fn unconfirmed(&self) -> usize {
        self.outbox.borrow().unconfirmed()
    }
}

/// The last scan's results, as the client asks for them.
struct Scans {
    snapshots: Snapshots,
    published: watch::Receiver<Published>,
}

impl Answers for Scans {
    fn sca_dump(&mut self, policy: &str, first: bool) -> Vec<Step> {
        self.snapshots.sca_dump(policy, first)
    }

    fn state(&mut self) -> Vec<Vec<u8>> {
        self.snapshots.policies().into_iter().collect()
    }

    async fn changed(&mut self) {
        if self.published.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
