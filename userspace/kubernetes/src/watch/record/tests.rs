use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CHOICE: [&str; 2] = ["app.kubernetes.io/*", "tier"];

fn seen(json: &str) -> (Option<Seen>, WatchState) {
    let choice = LabelChoice::new(&CHOICE.map(str::to_owned)).unwrap();
    let state = WatchState::default();
    let pod: Pod = serde_json::from_str(json).unwrap();
    (read(&pod, &choice, &state), state)
}

/// All that is known, with ids by their first digits.
fn text(seen: &Seen) -> String {
    let short =
        |id: &Option<Arc<str>>| id.as_deref().map_or("-".to_owned(), |id| id.chars().take(9).collect());
    let Seen { record, owner } = seen;
    let uid: String = record.uid.chars().take(8).collect();
    let (hash, account) = (short(&record.config_hash), &record.details.service_account);
    let head = format!("{}/{} {uid} hash {hash} account {account:?}", record.namespace, record.name);
    let owner = owner.iter().map(|owner| format!("{} {} of {:?}", owner.kind, owner.name, &*owner.group));
    let labels = record.details.labels.iter().map(|label| format!("{}={}", label.name, label.value));
    let containers = record.containers.iter().map(|container| {
        let ids = [&container.id, &container.last_id, &container.digest].map(short);
        format!("{} {} {}", container.name, container.image, ids.join(" "))
    });
    std::iter::once(head).chain(owner).chain(labels).chain(containers).collect::<Vec<_>>().join("; ")
}

#[test]
fn pods_of_every_kind_are_read() {
    for (pod, expected) in [
        (
            include_str!("../../../tests/data/pods/deployment.json"),
            "shop/web-5d4f7c9b8-x2k9q 0f3c2a4e hash - account Some(\"web\"); ReplicaSet web-5d4f7c9b8 of \"apps\"; \
             app.kubernetes.io/name=web; app.kubernetes.io/version=2.1; \
             migrate registry.example/shop/migrate:2.1 010101010 - sha256:a1; \
             web registry.example/shop/web:2.1 030303030 020202020 sha256:b2; \
             debugger-7xk2p busybox:1.36 040404040 - sha256:c3",
        ),
        (
            include_str!("../../../tests/data/pods/static.json"),
            "kube-system/etcd-node-1 7d2b6c1a hash 012345678 account None; Node node-1 of \"\"; tier=control-plane; \
             etcd registry.k8s.io/etcd:3.6.4-0 050505050 - sha256:d4",
        ),
        (
            include_str!("../../../tests/data/pods/forged-hash.json"),
            "evil/forger 11111111 hash - account Some(\"default\"); Node node-1 of \"\"; a a - - -",
        ),
        (
            include_str!("../../../tests/data/pods/forged-annotation.json"),
            "evil/forger-2 11111111 hash - account Some(\"default\")",
        ),
        (
            include_str!("../../../tests/data/pods/cron-job.json"),
            "ops/backup-29390400-7jq2z 2c1d3e4f hash - account Some(\"backup\"); Job backup-29390400 of \"batch\"; \
             backup quay.io/example/backup@sha256:e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5 - - -",
        ),
        (
            include_str!("../../../tests/data/pods/cri-o.json"),
            "monitoring/node-exporter-8ksmn 3d4e5f6a hash - account Some(\"node-exporter\"); \
             DaemonSet node-exporter of \"apps\"; \
             node-exporter quay.io/prometheus/node-exporter:v1.9.1 060606060 - sha256:f6",
        ),
    ] {
        let (seen, state) = seen(pod);
        assert_eq!(text(&seen.unwrap()), expected);
        assert_eq!((state.cut(), state.refused()), (0, 0), "{expected}");
    }
}

/// A small pod with one thing changed.
fn pod(pointer: &str, value: Value) -> String {
    let mut pod = json!({
        "metadata": {"name": "a", "namespace": "b", "uid": "c", "labels": {}},
        "spec": {"containers": [{"name": "d", "image": "e"}]},
        "status": {"containerStatuses": [{"name": "d", "containerID": "", "imageID": ""}]},
    });
    *pod.pointer_mut(pointer).unwrap() = value;
    pod.to_string()
}

#[test]
fn bounds_hold_and_are_counted() {
    let long = "x".repeat(TEXT + 1);
    let containers: Value = (0..300).map(|n| json!({"name": format!("c{n}"), "image": "e"})).collect();
    let labels: serde_json::Map<String, Value> =
        (0..40).map(|n| (format!("app.kubernetes.io/l{n:02}"), json!(""))).collect();
    for (name, pod, cut, refused) in [
        ("cut image", pod("/spec/containers/0/image", json!(long)), 1, 0),
        ("too many containers", pod("/spec/containers", containers), 44, 0),
        ("too many labels", pod("/metadata/labels", labels.into()), 8, 0),
        ("a cut value", pod("/metadata/labels", json!({"tier": long})), 1, 0),
        ("a container without a name", pod("/spec/containers/0/name", json!(7)), 0, 1),
        ("a bad container id", pod("/status/containerStatuses/0/containerID", json!("a/b")), 0, 1),
        ("a bad image id", pod("/status/containerStatuses/0/imageID", json!("sha256:x")), 0, 1),
        ("a long image id", pod("/status/containerStatuses/0/imageID", json!(long)), 0, 1),
    ] {
        let (seen, state) = seen(&pod);
        let record = seen.unwrap().record;
        assert_eq!((state.cut(), state.refused()), (cut, refused), "{name}");
        assert!(record.containers.len() <= CONTAINERS && record.details.labels.len() <= LABELS, "{name}");
        assert!(record.containers.iter().all(|container| container.image.len() <= TEXT), "{name}");
    }
    for identity in ["/metadata/uid", "/metadata/name", "/metadata/namespace"] {
        for value in [json!(""), json!(null), json!([1]), json!(long)] {
            let (seen, state) = seen(&pod(identity, value));
            assert!(seen.is_none() && state.refused() == 1, "{identity}");
        }
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place in a document.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), all));
        }
        Value::Object(map) => map.iter().for_each(|(name, item)| {
            places(item, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), all);
        }),
        _ => {}
    }
}

proptest! {
    /// Wherever in a pod something else stands, the rest of it is read.
    #[test]
    fn whatever_stands_in_a_pod_is_no_error(place in any::<prop::sample::Index>(), value in json_value()) {
        let mut pod: Value = serde_json::from_str(include_str!("../../../tests/data/pods/deployment.json")).unwrap();
        let mut all = Vec::new();
        places(&pod, "", &mut all);
        // The whole pod is replaced elsewhere: in a page, where it is one of many.
        let place = &all[1 + place.index(all.len() - 1)];
        *pod.pointer_mut(place).unwrap() = value;
        let page = json!({"metadata": {"resourceVersion": "1"}, "items": [pod]}).to_string();
        let page: crate::wire::PodPage = serde_json::from_str(&page).unwrap();
        read(&page.items.items[0].0, &LabelChoice::default(), &WatchState::default());
    }

    #[test]
    fn a_page_may_have_anything_in_it(value in json_value()) {
        let page = json!({"metadata": value, "items": [value, {"metadata": value, "spec": value, "status": value}]});
        let page: crate::wire::PodPage = serde_json::from_str(&page.to_string()).unwrap();
        for pod in &page.items.items {
            read(&pod.0, &LabelChoice::default(), &WatchState::default());
        }
    }
}
