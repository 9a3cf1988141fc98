//! What waits for its sink, through the public boundary: findings in, an outbox out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot be set up fails"
)]
#![forbid(unsafe_code)]

use std::{fs, path::Path, sync::Arc, time::Duration};

use proptest::prelude::*;
use rampart_bus::{CancellationToken, Encode, Outbox, Overflow, Sender, WINDOW, channel};
use rampart_model::{Finding, RuleRef, Severity, Subject};
use rampart_store::{
    Store,
    spool::{Keeper, Lane, Limits, SpoolState},
};
use rampart_testkit::sample;
use tokio::{task::JoinSet, time::timeout};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The rule's title is the message.
struct Title;

impl Encode for Title {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        let Subject::Runtime { rule, .. } = &finding.subject else { return None };
        Some(rule.title.as_bytes().into())
    }

    fn is_needed(&self, finding: &Finding) -> bool {
        matches!(&finding.subject, Subject::Runtime { rule, .. } if rule.title.starts_with("needed"))
    }
}

fn finding(severity: Severity, title: &str) -> Arc<Finding> {
    let mut finding = sample::finding();
    let Subject::Runtime { rule, .. } = &mut finding.subject else { return Arc::new(finding) };
    *rule = Arc::new(RuleRef { severity, title: title.into(), ..(**rule).clone() });
    Arc::new(finding)
}

/// A keeper that runs beside the test.
struct Spool {
    findings: Sender<Arc<Finding>>,
    outboxes: Vec<Outbox>,
    state: Arc<SpoolState>,
    stop: CancellationToken,
    task: JoinSet<()>,
}

impl Spool {
    fn start(folder: &Path, limits: Limits, sinks: &[(&str, Severity)]) -> Self {
        let lanes = sinks.iter().map(|(name, minimum)| Lane {
            name: (*name).into(),
            minimum: *minimum,
            encoder: Box::new(Title),
            limits,
        });
        let store = Arc::new(Store::new(folder));
        let (keeper, outboxes) = Keeper::new(store, lanes.collect());
        let (findings, receiver) = channel("test", 16, Overflow::Block);
        let (stop, state) = (CancellationToken::new(), keeper.state());
        let mut task = JoinSet::new();
        task.spawn(keeper.run(receiver, stop.clone(), |_, _| {}));
        Self { findings, outboxes, state, stop, task }
    }

    /// With one sink that takes everything.
    fn simple(folder: &Path) -> Self {
        Self::start(folder, Limits::default(), &[("a", Severity::Informational)])
    }

    async fn put(&self, severity: Severity, title: &str) {
        self.findings.send(finding(severity, title)).await.unwrap();
    }

    async fn put_all(&self, titles: impl IntoIterator<Item = u32>) {
        for title in titles {
            self.put(Severity::High, &title.to_string()).await;
        }
    }

    /// Waits until so many have been taken in and not arrived.
    async fn wait_for(&self, held: impl Fn(&SpoolState) -> bool) {
        while !held(&self.state) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Takes so many from a sink's outbox, confirms them, and tells what they are.
    async fn receive(&mut self, sink: usize, count: usize) -> Vec<String> {
        let outbox = &mut self.outboxes[sink];
        let mut titles = Vec::new();
        while titles.len() < count {
            let messages = timeout(PATIENCE, outbox.next()).await.expect("nothing more is offered");
            assert!(!messages.is_empty(), "no more than {titles:?}");
            let wanted = messages.len().min(count - titles.len());
            let texts = messages.iter().map(|message| String::from_utf8_lossy(&message.body).into_owned());
            titles.extend(texts.take(wanted));
            outbox.confirm(wanted);
        }
        outbox.rewind();
        titles
    }

    /// Ends it; what has not arrived is kept.
    async fn end(mut self) {
        drop(self.findings);
        self.stop.cancel();
        self.task.join_next().await.unwrap().unwrap();
    }
}

fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    numbers.into_iter().map(|number| number.to_string()).collect()
}

fn held(messages: u64) -> impl Fn(&SpoolState) -> bool {
    move |state| state.lanes()[0].messages() == messages
}

#[tokio::test]
async fn what_has_not_arrived_is_offered_by_the_next_run_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::simple(folder.path());
    spool.put_all(1..=5).await;
    assert_eq!(spool.receive(0, 2).await, numbers(1..=2));
    spool.end().await;
    let mut spool = Spool::simple(folder.path());
    spool.put_all(6..=7).await;
    assert_eq!(spool.receive(0, 5).await, numbers(3..=7));
    spool.end().await;
    let spool = Spool::simple(folder.path());
    spool.put_all(8..=8).await;
    spool.wait_for(held(1)).await;
}

#[tokio::test]
async fn it_ends_when_told_to_though_somebody_could_still_make_findings() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::simple(folder.path());
    spool.put_all(1..=3).await;
    spool.stop.cancel();
    timeout(PATIENCE, spool.task.join_next()).await.unwrap().unwrap().unwrap();
    drop(spool);
    assert_eq!(Spool::simple(folder.path()).receive(0, 3).await, numbers(1..=3));
}

#[tokio::test]
async fn what_is_offered_is_on_disk_already() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let mut spool = Spool::simple(folder.path());
        let mut offered = 0;
        while offered < round + 1 {
            if offered == round {
                spool.put_all([round]).await;
            }
            offered += spool.outboxes[0].next().await.len() as u32;
        }
        // As by kill -9.
        spool.task.abort_all();
        while spool.task.join_next().await.is_some() {}
    }
    assert_eq!(Spool::simple(folder.path()).receive(0, 5).await, numbers(0..5));
}

#[tokio::test]
async fn more_than_the_window_comes_from_the_disk_in_order_whatever_the_severity() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::simple(folder.path());
    for number in 0..6000_u32 {
        let severity = Severity::ALL[number as usize % 5];
        spool.put(severity, &number.to_string()).await;
    }
    spool.wait_for(held(6000)).await;
    assert_eq!(spool.receive(0, 6000).await, numbers(0..6000));
    spool.wait_for(held(0)).await;
}

/// A window that is full of messages that nobody confirms: what comes then stays on disk.
async fn with_a_full_window(folder: &Path, limits: Limits) -> Spool {
    let spool = Spool::start(folder, limits, &[("a", Severity::Informational)]);
    spool.put_all((0..WINDOW as u32).map(|_| 0)).await;
    spool.wait_for(held(WINDOW as u64)).await;
    spool
}

#[tokio::test]
async fn the_file_is_small_again_when_all_has_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::simple(folder.path());
    let long = "x".repeat(60_000);
    for _ in 0..500 {
        spool.put(Severity::High, &long).await;
    }
    spool.wait_for(|state| state.lanes()[0].messages() == 500 && state.lanes()[0].in_memory() == 0).await;
    let size = || fs::metadata(folder.path().join("rampart.redb")).unwrap().len();
    assert!(size() > 30_000_000, "{}", size());
    spool.receive(0, 500).await;
    spool.wait_for(|_| size() < 2_000_000).await;
    spool.put_all([7]).await;
    assert_eq!(spool.receive(0, 1).await, ["7"]);
}

#[tokio::test]
async fn at_the_bound_the_oldest_of_the_mildest_go_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    // A message has its text and nine bytes more; one of the window's has ten.
    let limits = Limits { disk_bytes: WINDOW as u64 * 10 + 3 * 10, ..Limits::default() };
    let mut spool = with_a_full_window(folder.path(), limits).await;
    for (severity, title) in [
        (Severity::Low, "a"),
        (Severity::Medium, "b"),
        (Severity::Low, "c"),
        (Severity::High, "d"),
        (Severity::High, "e"),
        (Severity::Low, "f"),
    ] {
        spool.put(severity, title).await;
        let before = spool.state.lanes()[0].messages();
        spool.wait_for(|state| dropped(state) + state.lanes()[0].messages() > before).await;
    }
    spool.wait_for(|state| dropped(state) == 3).await;
    spool.receive(0, WINDOW).await;
    assert_eq!(spool.receive(0, 3).await, ["b", "d", "e"]);
    assert_eq!(spool.state.lanes()[0].dropped(Severity::Low), 3);
}

fn dropped(state: &SpoolState) -> u64 {
    Severity::ALL.into_iter().map(|severity| state.lanes()[0].dropped(severity)).sum()
}

#[tokio::test]
async fn a_sink_gets_what_is_bad_enough_and_does_not_wait_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let sinks = [("all", Severity::Informational), ("some", Severity::High)];
    let mut spool = Spool::start(folder.path(), Limits::default(), &sinks);
    for (severity, title) in [(Severity::Low, "1"), (Severity::High, "2"), (Severity::Low, "needed")] {
        spool.put(severity, title).await;
    }
    assert_eq!(spool.receive(1, 2).await, ["2", "needed"]);
    assert_eq!(spool.receive(0, 3).await, ["1", "2", "needed"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_disk_findings_go_through_memory_within_bounds_and_to_the_disk_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("rampart.redb");
    fs::create_dir_all(&in_the_way).unwrap();
    let limits = Limits { memory_bytes: 10 * 12, ..Limits::default() };
    let mut spool = Spool::start(folder.path(), limits, &[("a", Severity::Informational)]);
    spool.put_all(100..105).await;
    assert_eq!(spool.receive(0, 5).await, numbers(100..105));
    spool.wait_for(held(0)).await;
    assert!(spool.state.trouble().is_some() && spool.state.write_errors() > 0);
    // Also when nothing is to be written it is seen that the disk is back.
    fs::remove_dir(&in_the_way).unwrap();
    spool.wait_for(|state| state.trouble().is_none()).await;
    spool.end().await;
    fs::remove_file(&in_the_way).unwrap();
    fs::create_dir_all(&in_the_way).unwrap();
    let spool = Spool::start(folder.path(), limits, &[("a", Severity::Informational)]);

    spool.put_all(200..205).await;
    spool.wait_for(|state| state.lanes()[0].in_memory() == 5).await;
    fs::remove_dir(&in_the_way).unwrap();
    spool.wait_for(|state| state.lanes()[0].in_memory() == 0 && state.trouble().is_none()).await;
    spool.end().await;
    let mut spool = Spool::simple(folder.path());
    assert_eq!(spool.receive(0, 5).await, numbers(200..205));
}

#[tokio::test(start_paused = true)]
async fn in_memory_the_mildest_go_first_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("rampart.redb")).unwrap();
    let limits = Limits { memory_bytes: (WINDOW as u64 + 2) * 10, ..Limits::default() };
    let mut spool = with_a_full_window(folder.path(), limits).await;
    for (severity, title) in [(Severity::High, "a"), (Severity::Low, "b"), (Severity::Medium, "c")] {
        spool.put(severity, title).await;
    }
    spool.wait_for(|state| dropped(state) == 1).await;
    spool.receive(0, WINDOW).await;
    assert_eq!(spool.receive(0, 2).await, ["a", "c"]);
}

#[tokio::test]
async fn what_was_kept_while_the_disk_was_away_is_offered_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::simple(folder.path());
    spool.put_all(1..=3).await;
    spool.wait_for(held(3)).await;
    spool.end().await;
    let (file, aside) = (folder.path().join("rampart.redb"), folder.path().join("aside"));
    fs::rename(&file, &aside).unwrap();
    fs::create_dir_all(&file).unwrap();
    let mut spool = Spool::simple(folder.path());
    spool.put_all(4..=6).await;
    assert_eq!(spool.receive(0, 2).await, numbers(4..=5));
    fs::remove_dir(&file).unwrap();
    fs::rename(aside, file).unwrap();
    // The last was offered already.
    assert_eq!(spool.receive(0, 4).await, numbers([6, 1, 2, 3]));
    spool.wait_for(held(0)).await;
}

/// What happens to a spool, in any order.
#[derive(Debug, Clone, Copy)]
enum Step {
    Put(u32),
    Receive(usize),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1_u32..600).prop_map(Step::Put),
        (1_usize..600).prop_map(Step::Receive),
        Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever happens, all arrive once and in order.
    #[test]
    fn nothing_is_lost_or_turned_round(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let mut spool = Spool::simple(folder.path());
            let (mut put, mut received) = (0_u32, 0_u32);
            for step in steps {
                match step {
                    Step::Put(count) => {
                        spool.put_all(put..put + count).await;
                        put += count;
                    }
                    Step::Receive(count) => {
                        let count = count.min((put - received) as usize);
                        let expected = numbers(received..received + count as u32);
                        assert_eq!(spool.receive(0, count).await, expected);
                        received += count as u32;
                    }
                    Step::Restart => {
                        spool.end().await;
                        spool = Spool::simple(folder.path());
                    }
                }
            }
            let rest = spool.receive(0, (put - received) as usize).await;
            assert_eq!(rest, numbers(received..put));
        });
    }
}
