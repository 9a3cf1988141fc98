use std::{
    path::Path,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rampart_testkit::manager::{Key, Manager};
use rampart_wazuh::{
    AgentVersion, Answers, Client, ClientConfig, KeyFile, Limits, ManagerAddress, NoAnswers, Outgoing, Queue,
    Status, System, event,
};
use tempfile::TempDir;
use tokio::sync::{Notify, oneshot};

/// Longest that anything may take: never waited for if all is well.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const NAME: &str = "node1";

/// A queue as the spool's, of which the test has the other end.
#[derive(Clone, Default)]
pub(crate) struct Feed(Arc<(Mutex<Events>, Notify)>);

#[derive(Default)]
struct Events {
    all: Vec<Arc<[u8]>>,
    confirmed: usize,
    given: usize,
    is_closed: bool,
}

impl Feed {
    fn with<T>(&self, work: impl FnOnce(&mut Events) -> T) -> T {
        let result = work(&mut self.0.0.lock().unwrap());
        self.0.1.notify_one();
        result
    }

    /// Adds events with these numbers.
    pub(crate) fn add(&self, numbers: std::ops::Range<u64>) {
        let text = |number: u64| format!(r#"{{"rampart":{{"number":{number}}}}}"#);
        let events = numbers.map(|number| event(Queue::LocalFile, "rampart", text(number).as_bytes()).into());
        self.with(|inner| inner.all.extend(events));
    }

    pub(crate) fn add_event(&self, event: &[u8]) {
        self.with(|inner| inner.all.push(event.into()));
    }

    pub(crate) fn close(&self) {
        self.with(|inner| inner.is_closed = true);
    }

    pub(crate) fn confirmed(&self) -> usize {
        self.with(|inner| inner.confirmed)
    }
}

impl Outgoing for Feed {
    type Event = Arc<[u8]>;

    async fn next(&mut self) -> Vec<Arc<[u8]>> {
        loop {
            let (events, is_closed) =
                self.0.0.lock().map(|mut inner| (inner.next(), inner.is_closed)).unwrap();
            if is_closed || !events.is_empty() {
                return events;
            }
            self.0.1.notified().await;
        }
    }

    fn confirm(&mut self, count: usize) {
        self.with(|inner| {
            assert!(inner.confirmed + count <= inner.given, "what was not given cannot have arrived");
            inner.confirmed += count;
        });
    }

    fn rewind(&mut self) {
        self.with(|inner| inner.given = inner.confirmed);
    }

    fn unconfirmed(&self) -> usize {
        self.with(|inner| inner.given - inner.confirmed)
    }
}

impl Events {
    /// At most 256 at once, and 2,048 or 4 MiB unconfirmed.
    fn next(&mut self) -> Vec<Arc<[u8]>> {
        let window = (self.confirmed + 2048).saturating_sub(self.given);
        let held = self.all.iter().skip(self.confirmed).take(self.given - self.confirmed);
        let mut bytes: usize = held.map(|event| event.len()).sum();
        let next = self.all.iter().skip(self.given).take(window.min(256));
        let has_room = |event: &&Arc<[u8]>| {
            let has_room = bytes < 4 << 20;
            bytes += event.len();
            has_room
        };
        let events: Vec<_> = next.take_while(has_room).cloned().collect();
        self.given += events.len();
        events
    }
}

/// A folder with a key, if there is one.
pub(crate) fn folder(key: Option<&Key>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    if let Some(key) = key {
        std::fs::write(folder.path().join("client.keys"), key.line()).unwrap();
    }
    folder
}

/// Short times, so that tests are short; what must not happen by chance on a slow machine is long.
pub(crate) fn config(folder: &Path, managers: &[&Manager]) -> ClientConfig {
    let address = |manager: &&Manager| ManagerAddress {
        port: manager.events_address().port(),
        enrolment_port: manager.enrolment_address().port(),
        ..ManagerAddress::new("127.0.0.1").unwrap()
    };
    ClientConfig {
        managers: managers.iter().map(address).collect(),
        name: NAME.to_owned(),
        version: AgentVersion::default(),
        system: System::detect(Path::new("/")),
        labels: Vec::new(),
        key_file: folder.join("client.keys"),
        counter_file: folder.join("sender_counter"),
        enrolment: None,
        limits: Limits {
            response: Duration::from_secs(5),
            notify: Duration::from_millis(500),
            checkpoint: Duration::from_millis(20),
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_millis(200),
            enrol_pause: Duration::from_millis(20),
            failback: Duration::ZERO,
            settled: Duration::from_millis(200),
            held: Duration::from_secs(2),
            leave: Duration::from_secs(2),
            ..Limits::default()
        },
        clock,
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge of this program")]
fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An agent that runs until it is stopped or dropped.
pub(crate) struct Agent {
    pub(crate) status: Status,
    pub(crate) feed: Feed,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Agent {
    pub(crate) fn start(config: ClientConfig) -> Self {
        Self::with(config, NoAnswers)
    }

    pub(crate) fn with(config: ClientConfig, answers: impl Answers + 'static) -> Self {
        let feed = Feed::default();
        let client = Client::new(config, feed.clone(), answers).unwrap();
        let (status, (stop, stopped)) = (client.status(), oneshot::channel::<()>());
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(client.run(async { drop(stopped.await) }));
        };
        let thread = thread::Builder::new().spawn(run).unwrap();
        Self { status, feed, stop: Some(stop), thread: Some(thread) }
    }

    /// Waits until it holds.
    pub(crate) fn wait(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !holds(self) {
            assert!(
                begin.elapsed() < PATIENCE,
                "{what}: {:?} {:?}",
                self.status.snapshot(),
                self.status.counters()
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn wait_connected(&self, manager: &Manager) {
        let address = manager.events_address().to_string();
        self.wait("connected", |agent| agent.status.snapshot().manager() == Some(&address));
    }

    pub(crate) fn wait_confirmed(&self, count: usize) {
        self.wait("confirmed", |agent| agent.feed.confirmed() >= count);
    }

    pub(crate) fn wait_failure(&self, kind: &str) {
        self.wait(kind, |agent| agent.failures(kind) > 0);
    }

    pub(crate) fn failures(&self, kind: &str) -> u64 {
        count(&self.status.counters().failures(), kind)
    }

    pub(crate) fn ignored(&self, kind: &str) -> u64 {
        count(&self.status.counters().ignored(), kind)
    }

    /// Waits until it ends by itself.
    pub(crate) fn join(mut self) {
        self.wait("the end", |agent| agent.thread.as_ref().is_some_and(JoinHandle::is_finished));
        self.thread.take().unwrap().join().unwrap();
    }

    pub(crate) fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.join();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the agent has panicked");
        }
    }
}

fn count(counts: &[(&str, u64)], kind: &str) -> u64 {
    counts.iter().find(|(name, _)| *name == kind).map_or(0, |(_, count)| *count)
}

/// The number of the key that is in a folder.
pub(crate) fn key_id(folder: &Path) -> Option<String> {
    let key = KeyFile::new(folder.join("client.keys")).load().unwrap();
    key.map(|key| key.id().to_owned())
}

/// The numbers of events that a manager has, in order.
pub(crate) fn numbers(manager: &Manager) -> Vec<u64> {
    let number = |text: &String| text.split_once("number\":")?.1.trim_end_matches('}').parse().ok();
    manager.messages("rampart").iter().filter_map(number).collect()
}

/// Nothing that was said to these managers was against the protocol.
pub(crate) fn violations(managers: &[&Manager]) {
    for manager in managers {
        assert_eq!(manager.violations(), Vec::<String>::new());
    }
}
