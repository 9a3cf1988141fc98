use serde_json::{Value, json};

use super::*;
use crate::{KubernetesError, wire::TEXT};

/// A pod with so many containers, each with an image whose name is as long as it may be.
fn pod(name: &str, containers: usize) -> Value {
    let image = "x".repeat(TEXT);
    let containers: Value =
        (0..containers).map(|n| json!({"name": format!("c{n}"), "image": image})).collect();
    json!({"metadata": {"name": name, "namespace": "shop", "uid": name}, "spec": {"containers": containers}})
}

fn owned(name: &str, version: &str, kind: &str, owner: &str) -> Value {
    let mut pod = pod(name, 1);
    pod["metadata"]["ownerReferences"] =
        json!([{"apiVersion": version, "kind": kind, "name": owner, "uid": owner, "controller": true}]);
    pod
}

fn read(pod: &Value) -> Pod {
    serde_json::from_value(pod.clone()).unwrap()
}

fn put(roster: &mut Roster<'_>, pod: &Value) {
    roster.take(News::Changed(read(pod)), Instant::now());
}

/// All that is told next: workloads, with a question mark while there may be more to know.
fn told(roster: &mut Roster<'_>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(change) = roster.told() {
        all.push(match change {
            PodChange::Present(record) => {
                let PodDetails { workload, owner_is_pending, .. } = &*record.details;
                let workload = workload.as_ref();
                let name = workload.map_or("-".to_owned(), |it| format!("{} {}", it.kind, it.name));
                format!("{name}{}", if *owner_is_pending { "?" } else { "" })
            }
            PodChange::Gone(uid) => format!("gone {uid}"),
            PodChange::Only(uids) => format!("only {}", uids.len()),
        });
    }
    all
}

#[tokio::test(start_paused = true)]
async fn pods_take_no_more_memory_than_the_bound() {
    let (choice, state) = (LabelChoice::default(), Arc::<WatchState>::default());
    let mut roster = Roster::new(&choice, Arc::clone(&state));
    put(&mut roster, &pod("small", 1));
    let mut count = 0;
    while state.refused() == 0 {
        put(&mut roster, &pod(&format!("large-{count}"), CONTAINERS));
        count += 1;
    }
    let room = POD_BYTES - roster.bytes;
    assert!(count < POD_BYTES / (CONTAINERS * TEXT) && room < 2 * CONTAINERS * TEXT, "{count}, {room} bytes");
    let uids = |roster: &Roster<'_>| roster.pods.keys().cloned().collect::<Vec<_>>();
    let (known, bytes) = (uids(&roster), roster.bytes);
    roster.changes.clear();
    // What is changed, how many containers it has then, whether there is room for that, and for one that is new.
    for (name, containers, fits) in [
        ("small", CONTAINERS, false),
        ("small", 2, true),
        ("small", 1, true),
        ("large-0", CONTAINERS, true),
        ("new", CONTAINERS, false),
    ] {
        let refused = state.refused();
        put(&mut roster, &pod(name, containers));
        assert_eq!(state.refused() - refused, u64::from(!fits), "{name} {containers}");
        let entry = roster.pods.get(name);
        assert_eq!(entry.is_some_and(|entry| entry.record.containers.len() == containers), fits, "{name}");
        assert!(roster.bytes <= POD_BYTES, "{name} {containers}");
    }
    assert_eq!((uids(&roster), roster.bytes), (known, bytes), "all is as it was");
    roster.take(News::Removed(read(&pod("large-0", 0))), Instant::now());
    put(&mut roster, &pod("new", CONTAINERS));
    assert!(roster.pods.contains_key("new"), "there is room again");
    for news in [News::Begun, News::Complete] {
        roster.take(news, Instant::now());
    }
    assert_eq!((roster.bytes, state.pods()), (0, 0));
}

/// As many as a pod has room for.
const CONTAINERS: usize = 256;

enum Look {
    Finds(Option<&'static str>),
    Fails(u16),
    /// There is nothing to look up.
    None,
}

#[tokio::test(start_paused = true)]
async fn a_workload_is_told_as_pending_until_its_chain_is_known() {
    let (set, job) = (("apps/v1", "ReplicaSet", "set"), ("batch/v1", "Job", "job"));
    for ((version, kind, name), is_late, look, expected) in [
        (set, false, Look::Finds(Some("web")), vec!["Deployment web"]),
        (set, true, Look::Finds(Some("web")), vec!["ReplicaSet set?", "Deployment web"]),
        (set, true, Look::Finds(None), vec!["ReplicaSet set?", "ReplicaSet set"]),
        (set, false, Look::Fails(404), vec!["ReplicaSet set"]),
        (job, true, Look::Fails(404), vec!["Job job?", "Job job"]),
        (job, false, Look::Fails(403), vec!["Job job?"]),
        (job, true, Look::Fails(500), vec!["Job job?"]),
        (("apps/v1", "StatefulSet", "db"), false, Look::None, vec!["StatefulSet db"]),
        (("apps/v1", "ReplicaSet", "a/b"), false, Look::None, vec!["ReplicaSet a/b"]),
    ] {
        let choice = LabelChoice::default();
        let mut roster = Roster::new(&choice, Arc::default());
        put(&mut roster, &owned("a", version, kind, name));
        let question = roster.question(Instant::now());
        if is_late {
            tokio::time::advance(HOLD).await;
            roster.release(Instant::now());
        }
        match look {
            Look::Finds(owner) => answer(&mut roster, question.unwrap(), Ok(owner)),
            Look::Fails(code) => answer(&mut roster, question.unwrap(), Err(code)),
            Look::None => assert!(question.is_none(), "{kind} {name}"),
        }
        assert_eq!(told(&mut roster), expected);
    }
}

/// With a Deployment of that name, or with an error.
fn answer(roster: &mut Roster<'_>, question: Question, deployment: Result<Option<&str>, u16>) {
    let owner = |name: &str| Owner {
        group: "apps".into(),
        kind: "Deployment".into(),
        name: name.into(),
        uid: name.into(),
    };
    let errand = crate::Errand { verb: "get", resource: "replicasets.apps" };
    let error = |code| KubernetesError::Status { errand, code, says: String::new() };
    let owner = deployment.map(|name| name.map(owner)).map_err(error);
    roster.learn(Answer { question, owner }, Instant::now());
}

#[tokio::test(start_paused = true)]
async fn a_workload_that_is_known_is_not_taken_back_but_for_another_owner() {
    let choice = LabelChoice::default();
    let mut roster = Roster::new(&choice, Arc::default());
    // More owners than are remembered.
    for n in 0..1100 {
        put(&mut roster, &owned(&format!("pod-{n}"), "apps/v1", "ReplicaSet", &format!("set-{n}")));
        let question = roster.question(Instant::now()).unwrap();
        answer(&mut roster, question, Ok(Some("web")));
    }
    assert!(told(&mut roster).iter().all(|told| told == "Deployment web"));
    let mut changed = owned("pod-0", "apps/v1", "ReplicaSet", "set-0");
    changed["spec"]["containers"][0]["image"] = json!("other");
    put(&mut roster, &changed);
    assert_eq!(told(&mut roster), ["Deployment web"]);
    put(&mut roster, &owned("pod-0", "apps/v1", "ReplicaSet", "set-new"));
    assert!(roster.question(Instant::now()).is_some());
    assert_eq!(told(&mut roster), ["ReplicaSet set-new?"]);
    // Nobody waits for that one any more.
    put(&mut roster, &pod("pod-0", 1));
    assert_eq!(told(&mut roster), ["-"]);
    assert!(roster.owners.due().is_none() && roster.pods.values().all(|entry| entry.is_settled));
}
