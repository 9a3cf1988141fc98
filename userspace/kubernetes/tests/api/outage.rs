//! Whatever the API server does, pods are told of in the end.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    server::{Answer, Asked, Reply, Server, bookmark, event, list, pod, status},
    watch::told,
};

/// The first watch goes wrong in that way; then it is resumed, or all is listed again.
struct Case {
    name: &'static str,
    first: Answer,
    is_resumed: bool,
}

#[tokio::test]
async fn after_a_watch_goes_wrong_nothing_is_missing() {
    let cases = [
        Case { name: "cut", first: || Reply::Cut(added()), is_resumed: true },
        Case { name: "ended", first: || Reply::Short(added()), is_resumed: true },
        Case { name: "refused", first: || status(403, "no"), is_resumed: true },
        Case { name: "unknown token", first: || status(401, ""), is_resumed: true },
        Case { name: "overloaded", first: || status(429, ""), is_resumed: true },
        Case { name: "broken", first: || status(500, ""), is_resumed: true },
        Case { name: "broken without JSON", first: || Reply::Json(503, json!("?")), is_resumed: true },
        Case { name: "too old", first: || status(410, "too old"), is_resumed: false },
        Case { name: "too old while watching", first: || Reply::Watch(vec![error(410)]), is_resumed: false },
        Case { name: "broken while watching", first: || Reply::Watch(vec![error(500)]), is_resumed: true },
        Case { name: "stopped while watching", first: || Reply::Watch(vec![error(503)]), is_resumed: true },
        Case {
            name: "overloaded while watching",
            first: || Reply::Watch(vec![error(429)]),
            is_resumed: true,
        },
        Case { name: "refused while watching", first: || Reply::Watch(vec![error(403)]), is_resumed: false },
        Case { name: "an error without a code", first: || Reply::Watch(vec![no_code()]), is_resumed: false },
        Case { name: "garbage", first: || Reply::Text("garbage\n".to_owned()), is_resumed: false },
        Case { name: "half", first: || Reply::Text("{\"type\":\n".to_owned()), is_resumed: false },
        Case {
            name: "no version",
            first: || Reply::Watch(vec![json!({"type": "ADDED"})]),
            is_resumed: false,
        },
        Case { name: "no type", first: || Reply::Watch(vec![json!([1])]), is_resumed: false },
    ];
    // A list that is begun anew waits a while: they all wait at once.
    let cases = cases.map(async |Case { name, first, is_resumed }| {
        let server = Server::start(move |asked: &Asked<'_>| match (asked.what, asked.turn) {
            ("list", 0) => list("7", &[pod("a", "1"), pod("old", "2")]),
            ("list", _) => list("20", &[pod("a", "1"), pod("b", "9")]),
            ("watch", 0) => first(),
            ("watch", 1) if is_resumed => Reply::Watch(
                [added(), vec![event("DELETED", &pod("old", "10")), event("ADDED", &pod("c", "11"))]]
                    .concat(),
            ),
            _ => Reply::Watch(vec![event("ADDED", &pod("c", "21"))]),
        })
        .await;
        let (told, state) = told(server.cluster().await, 6).await;
        let then = if is_resumed {
            ["b b-9", "gone old", "c c-11"]
        } else {
            ["b b-9", "only [\"a\", \"b\"]", "c c-21"]
        };
        assert_eq!(told[3..], then, "{name}");
        assert_eq!(state.errors(), 1, "{name}");
        assert!(state.is_watching() && state.trouble().is_none(), "{name}: {:?}", state.trouble());
        assert_eq!(state.lists(), if is_resumed { 1 } else { 2 }, "{name}");
    });
    join_all(cases).await;
}

fn added() -> Vec<Value> {
    vec![event("ADDED", &pod("b", "9"))]
}

fn no_code() -> Value {
    event("ERROR", &json!({"kind": "Status", "status": "Failure"}))
}

fn error(code: u16) -> Value {
    event("ERROR", &json!({"kind": "Status", "status": "Failure", "code": code, "message": "too old"}))
}

#[tokio::test]
async fn a_watch_is_resumed_from_what_was_told_last() {
    let server = Server::start(|asked: &Asked<'_>| match (asked.what, asked.turn) {
        ("list", _) => list("7", &[]),
        ("watch", 0) => Reply::Cut(vec![event("ADDED", &pod("a", "9")), bookmark("12")]),
        _ => Reply::Watch(vec![event("ADDED", &pod("b", "13"))]),
    })
    .await;
    let (told, _) = told(server.cluster().await, 3).await;
    assert_eq!(told, ["only []", "a a-9", "b b-13"]);
    let watches = server.asked_for("watch");
    assert!(
        watches[0].contains("resourceVersion=7") && watches[1].contains("resourceVersion=12"),
        "{watches:?}"
    );
}

#[tokio::test]
async fn a_list_that_goes_wrong_is_begun_anew() {
    let more = |continuation: &str, name: &str| {
        Reply::Json(
            200,
            json!({"metadata": {"continue": continuation, "resourceVersion": "7"}, "items": [pod(name, "1")]}),
        )
    };
    let server = Server::start(move |asked: &Asked<'_>| match (asked.what, asked.turn) {
        ("list", 0) => status(403, "no"),
        ("list", 1) => Reply::Text("<html>".to_owned()),
        ("list", 2) => Reply::Json(200, json!({"items": [pod("x", "1")]})),
        ("list", 3) => more("page 2", "gone-soon"),
        ("list", 4) => status(410, "the continue token is too old"),
        ("list", 5) => more("page 2", "a"),
        ("list", _) => list("7", &[pod("b", "1")]),
        _ => Reply::Watch(Vec::new()),
    })
    .await;
    let (told, state) = told(server.cluster().await, 4).await;
    assert_eq!(told, ["gone-soon gone-soon-1", "a a-1", "b b-1", "only [\"a\", \"b\"]"]);
    assert_eq!((state.errors(), state.lists(), state.pods()), (4, 1, 2));
}

#[tokio::test]
async fn trouble_says_what_to_do() {
    let cases: [(Answer, &str); 4] = [
        (
            || status(403, "pods is forbidden"),
            "a ClusterRole of the agent's service account must allow `list` on `pods` (it says: pods is forbidden)",
        ),
        (|| status(401, ""), "does not accept our token (401) to list pods"),
        (
            || status(500, "etcd is\u{1b}[31m away"),
            "answers 500 when asked to list pods (it says: etcd is [31m away)",
        ),
        (|| Reply::Text("<html>".to_owned()), "cannot be understood: Syntax error in line 1, column 1"),
    ];
    for (reply, expected) in cases {
        let server = Server::start(move |asked: &Asked<'_>| match (asked.what, asked.turn) {
            ("list", 0) => reply(),
            _ => Reply::Hang,
        })
        .await;
        let trouble = trouble(server.cluster().await).await;
        assert!(trouble.contains(expected), "{trouble}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_named_as_such() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, crate::server::kubeconfig("127.0.0.1:1")).unwrap();
    let trouble = trouble(crate::server::cluster(path).await).await;
    assert!(trouble.contains("cannot be reached to list pods: Connection refused"), "{trouble}");
}

#[tokio::test]
async fn silence_is_noticed_sooner_where_there_are_bookmarks() {
    let seconds = async |lines: Vec<Value>| {
        let server = Server::start(move |asked: &Asked<'_>| match asked.what {
            "list" => list("7", &[]),
            _ => Reply::Watch(lines.clone()),
        })
        .await;
        let trouble = trouble_after(server.cluster().await, 1).await;
        let seconds = trouble.strip_prefix("the API server has said nothing for ").unwrap();
        seconds.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let added = || event("ADDED", &pod("a", "9"));
    for (lines, expected) in [
        (vec![added()], 250..=300),
        (vec![bookmark("8"), added()], 150..=150),
        (vec![event("SOMETHING", &pod("x", "8")), added()], 250..=300),
    ] {
        let seconds = seconds(lines).await;
        assert!(expected.contains(&seconds), "{seconds} instead of {expected:?}");
        tokio::time::resume();
    }
}

/// The first trouble there is.
async fn trouble(cluster: rampart_kubernetes::Cluster) -> String {
    trouble_after(cluster, 0).await
}

/// The first trouble there is. From so many changes on that the API server has told of, time is as short as can be.
async fn trouble_after(cluster: rampart_kubernetes::Cluster, events: u64) -> String {
    let mut watch =
        rampart_kubernetes::PodWatch::new(cluster, "node-1", rampart_kubernetes::LabelChoice::default());
    let state = watch.state();
    let (sender, _receiver) = rampart_bus::channel("pods", 4, rampart_bus::Overflow::Block);
    let look = async {
        let mut is_short = events == 0;
        loop {
            if let Some(trouble) = state.trouble() {
                return trouble.to_string();
            }
            if !is_short && state.events() == events {
                tokio::time::pause();
                is_short = true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        trouble = look => trouble,
        ended = watch.run(&sender) => panic!("{ended:?}"),
    }
}
