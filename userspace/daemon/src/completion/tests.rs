use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rampart_bus::{FanOut, Overflow, Supervisor, channel};
use rampart_enrich::{PodDirectory, Pods};
use rampart_model::{
    Access, AccessRequest, Action, Call, Completeness, Container, ContainerRecord, Context, Event, EventKind,
    Finding, FindingId, Operation, Outcome, Pod, PodChange, PodDetails, PodRecord, Process, Subject, Target,
};
use rampart_telemetry::Metrics;
use rampart_testkit::sample;
use tokio::sync::watch;

use super::{
    Completion,
    room::{Counters, GRACE, KEEP, MAX_REMEMBERED, MAX_WAITING, WaitingRoom},
};

const WAIT: Duration = Duration::from_secs(1);

/// A container in the pod `pod-ID`, as its cgroup tells of it.
fn bare(id: &str) -> Container {
    let pod = Pod { uid: Some(format!("pod-{id}").into()), ..Pod::default() };
    Container { id: id.into(), pod: Some(pod), ..Container::default() }
}

fn complete(id: &str) -> Container {
    directory(&[(id, true)]).complete(&bare(id)).unwrap()
}

/// Of pods with one container each, which is told of or not.
fn directory(containers: &[(&str, bool)]) -> Arc<PodDirectory> {
    let mut pods = Pods::default();
    for (id, is_told) in containers {
        let container = ContainerRecord {
            name: "cart".into(),
            image: "cart:1".into(),
            id: is_told.then(|| (*id).into()),
            last_id: None,
            digest: Some("sha256:4b".into()),
        };
        let record = PodRecord {
            uid: format!("pod-{id}").into(),
            config_hash: None,
            name: format!("name-{id}").into(),
            namespace: "shop".into(),
            details: Arc::new(PodDetails::default()),
            containers: [container].into(),
        };
        pods.apply(PodChange::Present(Arc::new(record)), Instant::now());
    }
    pods.snapshot()
}

/// Somebody in the container, whom somebody in it has started, reaches into a third one there.
fn finding(container: &Container) -> Finding {
    let of = |parent| {
        let container = Some(Arc::new(container.clone()));
        Arc::new(Process { container, parent, ..sample::process() })
    };
    let outside = Arc::new(Process { container: None, ..sample::process() });
    let target = Target::Process(of(None));
    let operation = Operation::Access(Access { request: AccessRequest::Attach, target });
    let event = Event {
        process: of(Some(of(Some(outside)))),
        action: Action::Call(Call { outcome: Outcome::DONE, operation }),
        ..sample::event(EventKind::Access)
    };
    let rule = Arc::new(sample::rule());
    let subject = Subject::Runtime { event: Arc::new(event), rule, context: Context::default() };
    Finding { id: FindingId::random(), ..sample::finding_of(subject) }
}

fn event(finding: &Finding) -> (&Event, Completeness) {
    let Subject::Runtime { event, context, .. } = &finding.subject else { panic!("{finding:?}") };
    (event, context.completeness)
}

/// The pod's name, as all processes of the container have it; `-` where they have none.
fn pod_name(finding: &Finding) -> &str {
    let (event, _) = event(finding);
    let Some(Operation::Access(Access { target: Target::Process(target), .. })) = event.operation() else {
        panic!("{event:?}")
    };
    let parent = event.process.parent.as_deref().unwrap();
    assert_eq!(parent.parent.as_ref().unwrap().container, None);
    let [own, others @ ..] = [&event.process, parent, target].map(|process| process.container.as_ref());
    assert!(others.iter().all(|other| *other == own), "{event:?}");
    own.unwrap().pod.as_ref().unwrap().name.as_deref().unwrap_or("-")
}

/// What is handed on: its pod, and how much it knows of it.
fn told(room: &mut WaitingRoom) -> Vec<(String, Completeness)> {
    let all = std::iter::from_fn(|| room.next_ready());
    all.map(|finding| (pod_name(&finding).to_owned(), event(&finding).1)).collect()
}

fn all(name: &str, how: Completeness, count: usize) -> Vec<(String, Completeness)> {
    vec![(name.to_owned(), how); count]
}

#[test]
fn only_what_lacks_its_pod_waits() {
    let health = sample::state_findings().swap_remove(0);
    let plain = sample::finding();
    for (finding, waits) in
        [(health, false), (plain, false), (finding(&complete("a")), false), (finding(&bare("a")), true)]
    {
        let mut room = WaitingRoom::new(WAIT);
        room.take(finding.clone(), Instant::now());
        assert_eq!((room.waiting(), room.due().is_some()), (usize::from(waits), waits), "{finding:?}");
        assert_eq!(room.next_ready(), (!waits).then_some(finding));
    }
}

#[test]
fn what_is_known_in_time_is_told_once() {
    let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
    room.take(finding(&bare("a")), now);
    room.take(finding(&bare("b")), now);
    room.learn(directory(&[("a", true)]), now);
    assert_eq!(told(&mut room), all("name-a", Completeness::Complete, 1));
    // Known by now.
    room.take(finding(&bare("a")), now);
    assert_eq!(told(&mut room), all("name-a", Completeness::Complete, 1));
    room.learn(directory(&[("a", true), ("b", true)]), now);
    room.expire(now + 2 * KEEP);
    assert_eq!(told(&mut room), all("name-b", Completeness::Complete, 1));
    assert_eq!(room.counters(), Counters { in_time: 3, ..Counters::default() });
}

#[test]
fn what_is_known_later_is_told_again_under_the_same_id() {
    let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
    let first = finding(&bare("a"));
    room.take(first.clone(), now);
    room.expire(now + WAIT / 2);
    assert_eq!(room.next_ready(), None);
    room.expire(now + WAIT);
    let incomplete = room.next_ready().unwrap();
    assert_eq!((pod_name(&incomplete), event(&incomplete).1), ("-", Completeness::Incomplete));
    room.learn(directory(&[("b", true)]), now + KEEP / 2);
    assert_eq!(room.next_ready(), None);
    room.learn(directory(&[("a", true)]), now + KEEP / 2);
    let completed = room.next_ready().unwrap();
    assert_eq!((pod_name(&completed), event(&completed).1), ("name-a", Completeness::Completed));
    assert_eq!((completed.id, completed.time), (first.id, first.time));
    room.learn(directory(&[("a", true)]), now + KEEP / 2);
    room.expire(now + 2 * KEEP);
    assert_eq!(room.next_ready(), None);
    assert_eq!(room.counters(), Counters { incomplete: 1, later: 1, ..Counters::default() });
}

#[test]
fn a_part_is_told_when_the_rest_does_not_come() {
    let (mut room, now) = (WaitingRoom::new(Duration::ZERO), Instant::now());
    room.take(finding(&bare("a")), now);
    assert_eq!(told(&mut room), all("-", Completeness::Incomplete, 1));
    room.learn(directory(&[("a", false)]), now);
    room.expire(now + GRACE / 2);
    room.learn(directory(&[("a", false)]), now + GRACE / 2);
    assert_eq!(told(&mut room), []);
    room.expire(now + GRACE);
    assert_eq!(told(&mut room), all("name-a", Completeness::Completed, 1));
    // Where the part was told at once, there is no more to tell.
    room.take(finding(&bare("a")), now);
    assert_eq!(told(&mut room), all("name-a", Completeness::Incomplete, 1));
    room.learn(directory(&[("a", false)]), now);
    room.expire(now + 2 * GRACE);
    assert_eq!(told(&mut room), []);
    room.expire(now + KEEP);
    assert_eq!(room.counters(), Counters { incomplete: 2, later: 1, forgotten: 1, ..Counters::default() });
}

#[test]
fn findings_of_one_container_keep_their_order() {
    let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
    let findings = [&bare("a"), &bare("b"), &bare("a"), &complete("a")].map(finding);
    let [first, other, second, last] = findings.each_ref().map(|finding| finding.id);
    for finding in findings {
        room.take(finding, now);
    }
    room.close(now);
    let handed_on: Vec<_> = std::iter::from_fn(|| room.next_ready()).collect();
    let ids: Vec<_> = handed_on.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, [first, second, last, other]);
    let pods: Vec<_> = handed_on.iter().map(pod_name).collect();
    assert_eq!(pods, ["name-a", "name-a", "name-a", "-"]);
}

#[test]
fn a_full_room_lets_the_next_go_behind_its_own() {
    let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
    room.take(finding(&bare("a")), now);
    for number in 1..MAX_WAITING {
        room.take(finding(&bare(&format!("b{number}"))), now);
    }
    assert_eq!((room.waiting(), told(&mut room)), (MAX_WAITING, vec![]));
    let last = finding(&bare("a"));
    room.take(last.clone(), now);
    let handed_on: Vec<_> = std::iter::from_fn(|| room.next_ready()).map(|finding| finding.id).collect();
    assert_eq!((handed_on.len(), handed_on.last()), (2, Some(&last.id)));
    let counters = Counters { incomplete: 2, unwaited: 1, ..Counters::default() };
    assert_eq!((room.counters(), room.waiting()), (counters, MAX_WAITING - 1));
}

#[test]
fn what_is_remembered_has_bounds() {
    let long = "x".repeat(32 << 10);
    for (argument, kept) in [("x", MAX_REMEMBERED), (&*long, (16 << 20) / ((32 << 10) * 3))] {
        let (mut room, now) = (WaitingRoom::new(Duration::ZERO), Instant::now());
        for number in 0..=MAX_REMEMBERED {
            let mut finding = finding(&bare(&number.to_string()));
            if let Subject::Runtime { event, .. } = &mut finding.subject {
                let event = Arc::make_mut(event);
                let args = [argument].into_iter().collect();
                let parent =
                    Arc::new(Process { args, ..Process::clone(event.process.parent.as_ref().unwrap()) });
                let args = [argument, argument].into_iter().collect();
                let process = Process { args, parent: Some(parent), ..Process::clone(&event.process) };
                event.process = Arc::new(process);
            }
            room.take(finding, now);
        }
        assert_eq!(told(&mut room).len(), MAX_REMEMBERED + 1);
        let forgotten = room.counters().forgotten;
        assert!(
            forgotten.abs_diff((MAX_REMEMBERED + 1 - kept) as u64) <= 1,
            "{forgotten} of {}",
            argument.len()
        );
        room.expire(now + KEEP);
        assert_eq!(room.counters().forgotten, MAX_REMEMBERED as u64 + 1);
    }
}

/// What is put in comes out, whenever the end is, and nobody waits for what is over.
#[test]
fn the_end_lets_all_go() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (sink, mut findings) = channel("sink", 16, Overflow::Block);
        let (directories, follower) = watch::channel(Arc::default());
        let metrics = Metrics::new("1", "n").unwrap();
        let hour = Duration::from_hours(1);
        let (completion, mut entrance) =
            Completion::new(FanOut::new(vec![sink]), follower, hour, metrics.clone());
        let mut supervisor = Supervisor::default();
        completion.supervise(&mut supervisor);
        entrance.publish(finding(&bare("a"))).await.unwrap();
        directories.send_replace(directory(&[("a", true)]));
        let known = findings.next().await.unwrap();
        assert_eq!((pod_name(&known), event(&known).1), ("name-a", Completeness::Complete));
        entrance.publish(finding(&bare("b"))).await.unwrap();
        drop(entrance);
        let unknown = findings.next().await.unwrap();
        assert_eq!((pod_name(&unknown), event(&unknown).1), ("-", Completeness::Incomplete));
        assert!(findings.next().await.is_none());
        assert!(supervisor.finish(Duration::from_mins(1)).await);
        let text = String::from_utf8(metrics.render().unwrap()).unwrap();
        for line in ["_completed_total{result=\"in_time\"} 1", "_completed_total{result=\"incomplete\"} 1"] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    });
}
