use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rampart_bus::{FanOut, Overflow, Supervisor, channel};
use rampart_enrich::{PodDirectory, Pods};
use rampart_model::{
    Access, AccessRequest, Action, Call, Completeness, Container, ContainerRecord, Context, Event, EventKind,
    Finding, FindingId, Operation, Outcome, Pod, PodChange, PodDetails, PodRecord, Process, Signal, Subject,
    Target,
};
use rampart_telemetry::Metrics;
use rampart_testkit::sample;
use tokio::sync::watch;

use super::{
    Completion,
    copy::bytes,
    room::{
        Counters, GRACE, KEEP, MAX_REMEMBERED, MAX_REMEMBERED_BYTES, MAX_WAITING, MAX_WAITING_BYTES,
        WaitingRoom,
    },
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
    directory_with(&PodDetails::default(), containers)
}

/// The same while who owns the pods is still being looked up.
fn ownerless(containers: &[(&str, bool)]) -> Arc<PodDirectory> {
    directory_with(&PodDetails { owner_is_pending: true, ..PodDetails::default() }, containers)
}

fn directory_with(details: &PodDetails, containers: &[(&str, bool)]) -> Arc<PodDirectory> {
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
            details: Arc::new(details.clone()),
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

/// The same with that argument twice, and once for who has started it.
fn with_argument(mut finding: Finding, argument: &str) -> Finding {
    let of = |process: &Process, args: &[&str], parent| {
        Arc::new(Process { args: args.iter().copied().collect(), parent, ..process.clone() })
    };
    if let Subject::Runtime { event, .. } = &mut finding.subject {
        let event = Arc::make_mut(event);
        let above = event.process.parent.as_deref().unwrap();
        let parent = of(above, &[argument], above.parent.clone());
        event.process = of(&event.process, &[argument; 2], Some(parent));
    }
    finding
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
fn what_waits_and_what_is_remembered_have_bounds() {
    let long = "x".repeat(32 << 10);
    for argument in ["x", &long] {
        let size = bytes(&with_argument(finding(&bare("0")), argument));
        for (wait, count, most_bytes) in
            [(WAIT, MAX_WAITING, MAX_WAITING_BYTES), (Duration::ZERO, MAX_REMEMBERED, MAX_REMEMBERED_BYTES)]
        {
            let (mut room, now) = (WaitingRoom::new(wait), Instant::now());
            let kept = count.min(most_bytes / size);
            for number in 0..=count {
                room.take(with_argument(finding(&bare(&number.to_string())), argument), now);
            }
            let beyond = (count + 1 - kept) as u64;
            let Counters { unwaited, forgotten, .. } = room.counters();
            // What does not wait is remembered.
            let remembered = MAX_REMEMBERED.min(MAX_REMEMBERED_BYTES / size) as u64;
            let expected = if wait.is_zero() {
                (0, 0, beyond)
            } else {
                (kept, beyond, beyond.saturating_sub(remembered))
            };
            assert_eq!((room.waiting(), unwaited, forgotten), expected, "{wait:?} {}", argument.len());
            // All that there was is given back.
            room.expire(now + wait);
            room.expire(now + wait + KEEP);
            assert_eq!(told(&mut room).len(), count + 1);
            assert_eq!(room.counters().forgotten, count as u64 + 1);
            room.take(with_argument(finding(&bare("a")), argument), now);
            assert_eq!(room.waiting(), usize::from(!wait.is_zero()));
        }
    }
}

#[test]
fn a_finding_is_as_large_as_its_processes() {
    let text = |length: usize| "x".repeat(length).into_boxed_str();
    let empty = Process {
        executable: text(0),
        working_directory: text(0),
        script: None,
        args: [""].into_iter().collect(),
        parent: None,
        ..sample::process()
    };
    let own = size_of::<Process>() + size_of::<u32>();
    let parent = |above: &Process| Some(Arc::new(above.clone()));
    let call = |operation| Action::Call(Call { outcome: Outcome::DONE, operation });
    let target = || Target::Process(Arc::new(Process { parent: parent(&empty), ..empty.clone() }));
    let access = call(Operation::Access(Access { request: AccessRequest::Attach, target: target() }));
    let signal = call(Operation::Signal(Signal { number: 9, target: target() }));
    let none = sample::event(EventKind::Exec).action;
    for (process, action, expected) in [
        (empty.clone(), &none, own),
        (Process { executable: text(10), ..empty.clone() }, &none, own + 10),
        (Process { working_directory: text(20), ..empty.clone() }, &none, own + 20),
        (Process { script: Some(text(30)), ..empty.clone() }, &none, own + 30),
        (Process { args: ["ab", "cd"].into_iter().collect(), ..empty.clone() }, &none, own + 5 + 4),
        (Process { parent: parent(&empty), ..empty.clone() }, &none, 2 * own),
        (empty.clone(), &access, 3 * own),
        (empty.clone(), &signal, 3 * own),
    ] {
        let event =
            Event { process: Arc::new(process), action: action.clone(), ..sample::event(EventKind::Exec) };
        let rule = Arc::new(sample::rule());
        let subject = Subject::Runtime { event: Arc::new(event), rule, context: Context::default() };
        let finding = sample::finding_of(subject);
        assert_eq!(bytes(&finding), expected, "{finding:?}");
    }
}

/// A pod that starts itself again and again has long chains, with long command lines in them.
#[test]
fn findings_that_shared_their_ancestors_still_do() {
    for (first, later) in [
        // In time, in part, and later.
        (&[("a", true)][..], None),
        (&[("a", false)], None),
        (&[], Some(&[("a", true)])),
    ] {
        let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
        let one = finding(&bare("a"));
        let mut other = finding(&bare("a"));
        if let Subject::Runtime { event: own, .. } = &mut other.subject {
            let parent = event(&one).0.process.parent.clone();
            let own = Arc::make_mut(own);
            own.process = Arc::new(Process { parent, ..Process::clone(&own.process) });
        }
        room.take(one, now);
        room.take(other, now);
        room.learn(directory(first), now);
        room.expire(now + WAIT);
        if let Some(later) = later {
            assert_eq!(told(&mut room).len(), 2);
            room.learn(directory(later), now);
        }
        let [one, other] = [room.next_ready().unwrap(), room.next_ready().unwrap()];
        let [one, other] = [&one, &other].map(|finding| &event(finding).0.process);
        let [above, same] = [one, other].map(|process| process.parent.as_ref().unwrap());
        assert!(Arc::ptr_eq(above, same), "{first:?} {later:?}");
        let containers = [one, other, above].map(|process| process.container.as_ref().unwrap());
        assert!(containers.iter().all(|container| Arc::ptr_eq(container, containers[0])));
    }
}

#[test]
fn who_owns_a_pod_is_waited_for_and_told_later() {
    let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
    room.take(finding(&bare("a")), now);
    room.learn(ownerless(&[("a", true)]), now);
    assert_eq!(told(&mut room), []);
    room.expire(now + WAIT);
    assert_eq!(told(&mut room), all("name-a", Completeness::Incomplete, 1));
    // One has waited for it in vain: the others are not to, whoever has heard of the pod first.
    let pending = ownerless(&[("a", true)]).complete(&bare("a")).unwrap();
    for container in [&bare("a"), &pending] {
        room.take(finding(container), now + WAIT);
        assert_eq!(told(&mut room), all("name-a", Completeness::Incomplete, 1));
    }
    // Another container is another matter.
    room.take(finding(&bare("b")), now + WAIT);
    assert_eq!(room.waiting(), 1);
    // What lacks nothing else is not told once more before its owner is known.
    room.learn(ownerless(&[("a", true)]), now + WAIT);
    room.expire(now + WAIT + GRACE);
    assert_eq!(told(&mut room), all("-", Completeness::Incomplete, 1));
    room.learn(directory(&[("a", true)]), now + WAIT + GRACE);
    assert_eq!(told(&mut room), all("name-a", Completeness::Completed, 3));
    room.take(finding(&pending), now + WAIT + GRACE);
    assert_eq!(told(&mut room), all("name-a", Completeness::Complete, 1));
    let counters = Counters { in_time: 1, incomplete: 4, later: 3, ..Counters::default() };
    assert_eq!(room.counters(), counters);
}

#[test]
fn what_more_is_known_is_told_when_the_rest_does_not_come() {
    for (before, after) in [
        (directory(&[]), ownerless(&[("a", true)])),
        (ownerless(&[("a", false)]), ownerless(&[("a", true)])),
        (ownerless(&[("a", false)]), directory(&[("a", false)])),
    ] {
        let (mut room, now) = (WaitingRoom::new(Duration::ZERO), Instant::now());
        room.learn(before, now);
        room.take(finding(&bare("a")), now);
        assert_eq!(told(&mut room).len(), 1);
        room.learn(after, now);
        assert_eq!(told(&mut room), []);
        room.expire(now + GRACE);
        assert_eq!(told(&mut room), all("name-a", Completeness::Completed, 1));
    }
}

/// Whether a container is a sandbox is known by its document, which may come after its first finding.
#[test]
fn a_sandbox_that_is_known_late_does_not_overtake_itself() {
    let (mut room, now) = (WaitingRoom::new(WAIT), Instant::now());
    room.learn(directory(&[("a", false)]), now);
    let findings = [finding(&bare("a")), finding(&Container { is_sandbox: true, ..bare("a") })];
    let expected = findings.each_ref().map(|finding| finding.id);
    for finding in findings {
        room.take(finding, now);
    }
    let handed_on: Vec<_> = std::iter::from_fn(|| room.next_ready()).map(|finding| finding.id).collect();
    assert_eq!(handed_on, expected);
    assert_eq!(room.counters(), Counters { in_time: 2, ..Counters::default() });
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
