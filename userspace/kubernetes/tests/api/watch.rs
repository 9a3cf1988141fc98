//! What is told of pods.

use std::{sync::Arc, time::Duration};

use rampart_bus::{Overflow, channel};
use rampart_kubernetes::{Cluster, LabelChoice, PodWatch, WatchState};
use rampart_model::PodChange;
use serde_json::json;
use tokio::time::timeout;

use crate::server::{Asked, Reply, Server, bookmark, event, list, pod};

/// The first `count` changes that are told, each as a short text.
pub(crate) async fn told(cluster: Cluster, count: usize) -> (Vec<String>, Arc<WatchState>) {
    let labels = LabelChoice::new(&["tier".to_owned()]).unwrap();
    let mut watch = PodWatch::new(cluster, "node-1", labels);
    let state = watch.state();
    let (sender, mut receiver) = channel("pods", 4, Overflow::Block);
    let mut told = Vec::new();
    let listen = async {
        while told.len() < count {
            told.push(text(&receiver.next().await.unwrap()));
        }
    };
    let both = async {
        tokio::select! {
            () = listen => {}
            ended = watch.run(&sender) => panic!("{ended:?}"),
        }
    };
    let outcome = timeout(Duration::from_secs(30), both).await;
    assert!(outcome.is_ok(), "only {told:?} was told; {:?}", state.trouble());
    (told, state)
}

fn text(change: &PodChange) -> String {
    match change {
        PodChange::Present(record) => {
            let workload = record.details.workload.as_ref();
            let workload = workload.map(|workload| format!(" {} {}", workload.kind, workload.name));
            let id = record.containers.first().and_then(|container| container.id.as_deref());
            format!("{}{} {}", record.name, workload.unwrap_or_default(), id.unwrap_or("-"))
        }
        PodChange::Gone(uid) => format!("gone {uid}"),
        PodChange::Only(uids) => format!("only {:?}", uids.iter().map(|uid| &**uid).collect::<Vec<_>>()),
    }
}

#[tokio::test]
async fn a_nodes_pods_are_listed_in_pages_and_then_watched() {
    let server = Server::start(|asked: &Asked<'_>| match (asked.what, asked.turn) {
        ("list", 0) => {
            let metadata = json!({"resourceVersion": "7", "continue": "more of it"});
            Reply::Json(200, json!({"metadata": metadata, "items": [pod("a", "1"), pod("b", "2")]}))
        }
        ("list", _) => list("7", &[pod("c", "3")]),
        _ => Reply::Watch(vec![
            bookmark("8"),
            event("MODIFIED", &pod("a", "9")),
            // It changes in what is of no interest.
            event("MODIFIED", &pod("a", "9")),
            event("SOMETHING", &pod("x", "9")),
            event("DELETED", &pod("b", "10")),
            event("DELETED", &pod("unknown", "10")),
            event("ADDED", &pod("d", "11")),
        ]),
    })
    .await;
    let (told, state) = told(server.cluster().await, 7).await;
    let expected = ["a a-1", "b b-2", "c c-3", "only [\"a\", \"b\", \"c\"]", "a a-9", "gone b", "d d-11"];
    assert_eq!(told, expected);
    assert_eq!((state.events(), state.lists(), state.errors(), state.pods()), (5, 1, 0, 3));
    assert!(state.has_listed() && state.is_watching() && state.trouble().is_none());
    let asked = server.asked();
    for (question, parts) in asked.iter().zip([
        vec!["list", "fieldSelector=spec.nodeName%3Dnode-1", "limit=32"],
        vec!["list", "fieldSelector=spec.nodeName%3Dnode-1", "limit=32", "continue=more+of+it"],
        vec![
            "watch",
            "fieldSelector=spec.nodeName%3Dnode-1",
            "resourceVersion=7",
            "timeoutSeconds=",
            "allowWatchBookmarks=true",
        ],
    ]) {
        assert!(parts.iter().all(|part| question.contains(part)), "{question}: {parts:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_parts() {
    let server = Server::start(|asked: &Asked<'_>| match asked.what {
        "list" if !asked.query.contains("limit=8") => Reply::Text("[".repeat(5 << 20)),
        "list" => list("7", &[pod("a", "1")]),
        _ => Reply::Watch(Vec::new()),
    })
    .await;
    let (told, state) = told(server.cluster().await, 2).await;
    assert_eq!((told, state.errors()), (vec!["a a-1".to_owned(), "only [\"a\"]".to_owned()], 0));
}

#[tokio::test]
async fn no_more_pods_are_known_than_the_bound() {
    let server = Server::start(|asked: &Asked<'_>| match (asked.what, asked.turn) {
        ("list", turn) => {
            let pods: Vec<_> = (0..500).map(|n| pod(&format!("p-{turn}-{n:03}"), "1")).collect();
            let more = if turn == 8 { "" } else { "more" };
            Reply::Json(200, json!({"metadata": {"resourceVersion": "7", "continue": more}, "items": pods}))
        }
        _ => Reply::Watch(Vec::new()),
    })
    .await;
    let (told, state) = told(server.cluster().await, 4097).await;
    assert!(told[4095].starts_with("p-8-095") && told[4096].starts_with("only"), "{}", told[4095]);
    assert_eq!((state.pods(), state.refused()), (4096, 9 * 500 - 4096));
}

#[tokio::test]
async fn a_node_without_a_pod_is_noticed() {
    for (listed, watched, has_no_pods) in [
        (vec![], vec![], true),
        (vec![pod("a", "1")], vec![], false),
        (vec![], vec![event("ADDED", &pod("a", "8"))], false),
        (vec![pod("a", "1")], vec![event("DELETED", &pod("a", "8"))], true),
    ] {
        let count = listed.len() + 1 + watched.len();
        let server = Server::start(move |asked: &Asked<'_>| match asked.what {
            "list" => list("7", &listed),
            _ => Reply::Watch(watched.clone()),
        })
        .await;
        let (told, state) = told(server.cluster().await, count).await;
        assert_eq!(state.has_no_pods(), has_no_pods, "{told:?}");
    }
    assert!(!WatchState::default().has_no_pods(), "nothing is known before the first list");
}

#[tokio::test]
async fn a_watch_ends_when_nobody_listens() {
    let server = Server::start(|asked: &Asked<'_>| match asked.what {
        "list" => list("7", &[pod("a", "1")]),
        _ => Reply::Watch(Vec::new()),
    })
    .await;
    let mut watch = PodWatch::new(server.cluster().await, "node-1", LabelChoice::default());
    let (sender, receiver) = channel("pods", 1, Overflow::Block);
    drop(receiver);
    timeout(Duration::from_secs(30), watch.run(&sender)).await.unwrap().unwrap();
}
