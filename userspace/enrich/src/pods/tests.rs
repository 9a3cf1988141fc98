use std::collections::BTreeSet;

use rampart_model::{Container, ContainerRecord, Pod, PodDetails, Workload};

use super::*;

const HASH: &str = "0123456789abcdef0123456789abcdef";
const MINUTE: Duration = Duration::from_mins(1);

fn container(name: &str, id: Option<&str>, last_id: Option<&str>) -> ContainerRecord {
    ContainerRecord {
        name: name.into(),
        image: format!("registry.example/{name}:1").into(),
        id: id.map(Into::into),
        last_id: last_id.map(Into::into),
        digest: id.map(|id| format!("sha256:{id}").into()),
    }
}

fn record(uid: &str, name: &str, containers: Vec<ContainerRecord>) -> PodRecord {
    let workload = Some(Workload { kind: "Deployment".into(), name: "cart".into() });
    PodRecord {
        uid: uid.into(),
        config_hash: None,
        name: name.into(),
        namespace: "shop".into(),
        details: Arc::new(PodDetails { workload, ..PodDetails::default() }),
        containers: containers.into(),
    }
}

fn directory(records: impl IntoIterator<Item = PodRecord>) -> Arc<PodDirectory> {
    let mut pods = Pods::default();
    for record in records {
        pods.apply(PodChange::Present(Arc::new(record)), Instant::now());
    }
    pods.snapshot()
}

/// As its cgroup and its runtime's document tell of it.
fn seen(id: &str, uid: Option<&str>, name: Option<&str>) -> Container {
    let pod = uid.map(|uid| Pod { uid: Some(uid.into()), ..Pod::default() });
    Container { id: id.into(), name: name.map(Into::into), pod, ..Container::default() }
}

/// UID and name of the pod, name and digest of the container.
fn shown(container: Option<&Container>) -> [&str; 4] {
    let pod = container.and_then(|container| container.pod.as_ref());
    [
        pod.and_then(|pod| pod.uid.as_deref()),
        pod.and_then(|pod| pod.name.as_deref()),
        container.and_then(|container| container.name.as_deref()),
        container.and_then(|container| container.image_digest.as_deref()),
    ]
    .map(|text| text.unwrap_or("-"))
}

#[test]
fn a_container_is_found_by_its_id_and_else_by_its_name() {
    let containers = vec![
        container("init", Some("i1"), None),
        container("cart", Some("c2"), Some("c1")),
        container("debugger", Some("d1"), None),
        container("late", None, None),
    ];
    let directory = directory([record("u1", "cart-0", containers)]);
    for (seen, expected) in [
        // The usual ones, those that begin a pod, and ephemeral ones.
        (seen("c2", Some("u1"), None), ["u1", "cart-0", "cart", "sha256:c2"]),
        (seen("i1", Some("u1"), None), ["u1", "cart-0", "init", "sha256:i1"]),
        (seen("d1", Some("u1"), Some("debugger")), ["u1", "cart-0", "debugger", "sha256:d1"]),
        // The run before.
        (seen("c1", Some("u1"), None), ["u1", "cart-0", "cart", "sha256:c2"]),
        // The next run, of which the API server does not know yet what it runs.
        (seen("c3", Some("u1"), Some("cart")), ["u1", "cart-0", "cart", "-"]),
        (seen("l1", Some("u1"), Some("late")), ["u1", "cart-0", "late", "-"]),
        (seen("x", Some("u1"), None), ["u1", "cart-0", "-", "-"]),
        // Its cgroup says nothing of a pod.
        (seen("c2", None, None), ["u1", "cart-0", "cart", "sha256:c2"]),
        // The status of another pod says that it is its own.
        (seen("c2", Some("u2"), None), ["-"; 4]),
        (seen("y", None, None), ["-"; 4]),
    ] {
        let found = directory.complete(&seen);
        assert_eq!(shown(found.as_ref()), expected, "{seen:?}");
        let image = found.as_ref().and_then(|found| found.image.as_deref());
        let of_its_name = (expected[2] != "-").then(|| format!("registry.example/{}:1", expected[2]));
        assert_eq!(image, of_its_name.as_deref(), "{seen:?}");
    }
}

/// Others may write into the document of a container, and no pod can choose the ids of its containers.
#[test]
fn what_is_found_by_the_id_counts_before_the_document() {
    let directory = directory([record("u1", "cart-0", vec![container("cart", Some("c2"), Some("c1"))])]);
    let image = Some("registry.example/written:1".into());
    for (id, name, expected) in [
        ("c2", "written", ("cart", "registry.example/cart:1")),
        ("c1", "written", ("cart", "registry.example/cart:1")),
        ("c3", "cart", ("cart", "registry.example/written:1")),
        ("c3", "written", ("written", "registry.example/written:1")),
    ] {
        let seen = Container { image: image.clone(), ..seen(id, Some("u1"), Some(name)) };
        let found = directory.complete(&seen).unwrap();
        assert_eq!((found.name.as_deref(), found.image.as_deref()), (Some(expected.0), Some(expected.1)));
    }
}

#[test]
fn a_sandbox_has_only_its_pod() {
    let directory = directory([record("u1", "cart-0", vec![container("POD", Some("c1"), None)])]);
    let sandbox = Container { is_sandbox: true, ..seen("s1", Some("u1"), Some("POD")) };
    let found = directory.complete(&sandbox).unwrap();
    assert_eq!(shown(Some(&found)), ["u1", "cart-0", "POD", "-"]);
    assert!(found.is_complete());
    assert_eq!(directory.complete(&found), None);
}

#[test]
fn a_static_pod_is_found_by_its_hash_and_by_the_names_that_its_runtime_knows() {
    let mirror = |uid, name| {
        let record = record(uid, name, vec![container("etcd", Some("e1"), None)]);
        PodRecord { config_hash: Some(HASH.into()), ..record }
    };
    let named = |name: &str| {
        let pod = Pod {
            uid: Some(HASH.into()),
            name: Some(name.into()),
            namespace: Some("shop".into()),
            details: None,
        };
        Container { pod: Some(pod), ..seen("e1", None, None) }
    };
    let alone = || vec![mirror("u1", "etcd-n1")];
    let forged = || vec![mirror("u0", "mallory"), mirror("u1", "etcd-n1")];
    for (records, seen, expected) in [
        (alone(), seen("e1", Some(HASH), None), ["u1", "etcd-n1", "etcd", "sha256:e1"]),
        (alone(), named("etcd-n1"), ["u1", "etcd-n1", "etcd", "sha256:e1"]),
        (alone(), named("other"), ["-"; 4]),
        // Anybody who may make pods can write the annotation.
        (forged(), named("etcd-n1"), ["u1", "etcd-n1", "etcd", "sha256:e1"]),
        (forged(), seen("e1", Some(HASH), None), ["-"; 4]),
    ] {
        let found = directory(records).complete(&seen);
        assert_eq!(shown(found.as_ref()), expected, "{seen:?}");
    }
    // The kubelet has made it anew: the UID is another one.
    let (mut pods, now) = (Pods::default(), Instant::now());
    pods.apply(PodChange::Present(Arc::new(mirror("u1", "etcd-n1"))), now);
    pods.apply(PodChange::Gone("u1".into()), now);
    pods.apply(PodChange::Present(Arc::new(mirror("u2", "etcd-n1"))), now);
    let found = pods.snapshot().complete(&seen("e1", Some(HASH), None));
    assert_eq!(shown(found.as_ref()), ["u2", "etcd-n1", "etcd", "sha256:e1"]);
}

/// The kubelet may make the mirror of a static pod anew before it has told the first one's status.
#[test]
fn a_static_pod_whose_mirror_is_made_anew_is_found_by_its_container() {
    let record = |uid, name, id, config_hash: Option<&str>| {
        let record = record(uid, name, vec![container("etcd", id, None)]);
        PodRecord { config_hash: config_hash.map(Into::into), ..record }
    };
    let static_pod = Some(HASH);
    for (second, expected) in [
        (record("u2", "etcd-n1", Some("e1"), static_pod), ["u2", "etcd-n1", "etcd", "sha256:e1"]),
        // Nothing has been told of the container yet.
        (record("u2", "etcd-n1", None, static_pod), ["-"; 4]),
        // Another pod says that it is its own.
        (record("u2", "mallory", Some("e1"), static_pod), ["-"; 4]),
        (record("u2", "etcd-n1", Some("e1"), None), ["-"; 4]),
    ] {
        let (mut pods, now) = (Pods::default(), Instant::now());
        let first = record("u1", "etcd-n1", None, static_pod);
        pods.apply(PodChange::Present(Arc::new(first)), now);
        let seen = pods.snapshot().complete(&seen("e1", Some(HASH), Some("etcd"))).unwrap();
        assert_eq!(shown(Some(&seen)), ["u1", "etcd-n1", "etcd", "-"]);
        pods.apply(PodChange::Gone("u1".into()), now);
        pods.apply(PodChange::Present(Arc::new(second)), now);
        // As long as the first is kept, and after that.
        for minutes in [0, 11] {
            pods.expire(now + minutes * MINUTE);
            let found = pods.snapshot().complete(&seen);
            assert_eq!(shown(found.as_ref()), expected, "after {minutes} minutes");
        }
    }
}

fn knows(pods: &mut Pods, uid: &str) -> bool {
    pods.snapshot().complete(&seen("any", Some(uid), None)).is_some()
}

#[test]
fn a_pod_is_kept_for_a_while_after_it_has_gone() {
    let (mut pods, start) = (Pods::default(), Instant::now());
    for uid in ["u1", "u2", "u3"] {
        pods.apply(PodChange::Present(Arc::new(record(uid, uid, Vec::new()))), start);
    }
    pods.apply(PodChange::Gone("u1".into()), start);
    pods.apply(PodChange::Gone("unknown".into()), start);
    pods.apply(PodChange::Only(["u3".into()].into()), start + MINUTE);
    assert_eq!(pods.count(), 1);
    for (minutes, expected) in
        [(1, [true, true, true]), (10, [false, true, true]), (11, [false, false, true])]
    {
        pods.expire(start + minutes * MINUTE);
        assert_eq!(["u1", "u2", "u3"].map(|uid| knows(&mut pods, uid)), expected, "after {minutes} minutes");
    }
    assert_eq!(pods.counters(), PodCounters::default());
}

#[test]
fn there_are_bounds_and_what_goes_beyond_is_counted() {
    let (mut pods, now) = (Pods::default(), Instant::now());
    for number in 0..MAX_PODS + 3 {
        pods.apply(PodChange::Present(Arc::new(record(&number.to_string(), "p", Vec::new()))), now);
    }
    assert_eq!((pods.count(), pods.counters().refused), (MAX_PODS, 3));
    assert!(knows(&mut pods, "0") && !knows(&mut pods, &MAX_PODS.to_string()));
    // One that is known may change all the same.
    pods.apply(PodChange::Present(Arc::new(record("0", "renamed", Vec::new()))), now);
    assert_eq!(pods.counters().refused, 3);
    pods.apply(PodChange::Only(BTreeSet::new()), now);
    assert_eq!((pods.count(), pods.counters().forgotten), (0, (MAX_PODS - MAX_GONE_PODS) as u64));
}

#[test]
fn a_directory_is_new_only_when_something_has_changed() {
    let (mut pods, now) = (Pods::default(), Instant::now());
    let present = || PodChange::Present(Arc::new(record("u1", "cart-0", Vec::new())));
    assert_eq!(pods.snapshot().generation(), 0);
    pods.apply(present(), now);
    let first = pods.snapshot();
    pods.apply(present(), now);
    pods.apply(PodChange::Only(["u1".into()].into()), now);
    assert!(Arc::ptr_eq(&first, &pods.snapshot()));
    pods.apply(PodChange::Gone("u1".into()), now);
    assert_eq!((first.generation(), pods.snapshot().generation()), (1, 2));
}
