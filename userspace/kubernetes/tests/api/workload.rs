//! What pods belong to.

use serde_json::{Value, json};

use crate::{
    server::{Answer, Asked, Reply, Server, list, owned, pod, status},
    watch::told,
};

const SET: &str = "/apis/apps/v1/namespaces/shop/replicasets/set";
const JOB: &str = "/apis/batch/v1/namespaces/shop/jobs/set";

/// What is asked for by its metadata: of that name, which is its UID, and what controls it.
fn object(name: &str, owner: Option<(&str, &str)>) -> Value {
    let object = json!({"kind": "PartialObjectMetadata", "metadata": {"name": name, "uid": name}});
    owner.map_or(object.clone(), |(version, kind)| owned(&object, version, kind, "top"))
}

#[tokio::test]
async fn a_chain_of_owners_is_followed_to_its_end() {
    for (version, kind, path, owner, expected) in [
        ("apps/v1", "ReplicaSet", SET, Some(("apps/v1", "Deployment")), "Deployment top"),
        ("apps/v1", "ReplicaSet", SET, Some(("argoproj.io/v1alpha1", "Rollout")), "Rollout top"),
        ("apps/v1", "ReplicaSet", SET, None, "ReplicaSet set"),
        ("batch/v1", "Job", JOB, Some(("batch/v1", "CronJob")), "CronJob top"),
        ("batch/v1", "Job", JOB, None, "Job set"),
        ("apps/v1", "StatefulSet", "", None, "StatefulSet set"),
        ("v1", "Node", "", None, "Node set"),
    ] {
        let server = Server::start(move |asked: &Asked<'_>| match asked.what {
            "list" => list(
                "7",
                &[owned(&pod("a", "1"), version, kind, "set"), owned(&pod("b", "1"), version, kind, "set")],
            ),
            "watch" => Reply::Watch(Vec::new()),
            what if what == path => Reply::Json(200, object("set", owner)),
            _ => status(404, ""),
        })
        .await;
        let (told, state) = told(server.cluster().await, 3).await;
        assert_eq!(
            told,
            [format!("a {expected} a-1"), format!("b {expected} b-1"), "only [\"a\", \"b\"]".to_owned()]
        );
        let looks = server.asked_for("/apis").len();
        assert_eq!(looks, usize::from(!path.is_empty()), "each owner is looked up once");
        assert_eq!(state.owners_found(), looks as u64);
    }
}

#[tokio::test]
async fn an_owner_that_is_not_found_holds_up_no_pod() {
    let cases: [(&str, Answer, bool); 6] = [
        ("forbidden", || status(403, "no"), true),
        ("broken", || status(500, ""), true),
        ("garbage", || Reply::Text("?".to_owned()), true),
        ("silent", || Reply::Hang, false),
        ("gone", || status(404, ""), false),
        (
            "another of that name",
            || Reply::Json(200, object("other", Some(("apps/v1", "Deployment")))),
            false,
        ),
    ];
    for (name, first, is_found_later) in cases {
        let server = Server::start(move |asked: &Asked<'_>| match (asked.what, asked.turn) {
            ("list", _) => list("7", &[owned(&pod("a", "1"), "apps/v1", "ReplicaSet", "set"), pod("b", "1")]),
            ("watch", _) => Reply::Watch(Vec::new()),
            (_, 0) => first(),
            _ => Reply::Json(200, object("set", Some(("apps/v1", "Deployment")))),
        })
        .await;
        let (mut told, state) = told(server.cluster().await, if is_found_later { 4 } else { 3 }).await;
        if is_found_later {
            assert_eq!(told.pop().unwrap(), "a Deployment top a-1", "{name}");
        }
        assert_eq!(told, ["b b-1", "a ReplicaSet set a-1", "only [\"a\", \"b\"]"], "{name}");
        assert_eq!(state.owners_failed(), u64::from(name != "silent"), "{name}");
        assert_eq!(state.owner_trouble(), None, "{name}");
    }
}

#[tokio::test]
async fn trouble_with_owners_says_what_to_do() {
    let server = Server::start(|asked: &Asked<'_>| match asked.what {
        "list" => list("7", &[owned(&pod("a", "1"), "batch/v1", "Job", "set")]),
        "watch" => Reply::Watch(Vec::new()),
        _ => status(403, "no"),
    })
    .await;
    let (_, state) = told(server.cluster().await, 2).await;
    let trouble = state.owner_trouble().unwrap();
    assert!(trouble.contains("must allow `get` on `jobs.batch` (it says: no)"), "{trouble}");
    assert!(state.trouble().is_none());
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_never_asked_for() {
    let server = Server::start(|asked: &Asked<'_>| match asked.what {
        "list" => list("7", &[owned(&pod("a", "1"), "apps/v1", "ReplicaSet", "../../secrets/token")]),
        _ => Reply::Watch(Vec::new()),
    })
    .await;
    let (told, state) = told(server.cluster().await, 2).await;
    assert_eq!(told[0], "a ReplicaSet ../../secrets/token a-1");
    assert!(state.refused() == 1 && server.asked_for("/").is_empty(), "{:?}", server.asked());
}
