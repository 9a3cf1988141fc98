use std::{fs, path::Path};

use rampart_model::ContainerRuntime;

use super::*;

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const UID: &str = "b1946ac9-2e49-4cd2-8f6a-d1f1f1c0ffee";
const SECOND: u64 = 1_000_000_000;

const CONTAINERD: &str = "run/containerd/io.containerd.runtime.v2.task";
const OVERLAY: &str = "containers/storage/overlay-containers";

/// A host on which a runtime has left a document.
fn host(path: &str, document: &[u8]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    leave(root.path(), path, document);
    root
}

fn leave(root: &Path, path: &str, document: &[u8]) {
    let file = root.join(path.replace("ID", ID));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, document).unwrap();
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    fs::read(folder.join(name).with_extension("json")).unwrap()
}

fn container(runtime: ContainerRuntime, pod_uid: Option<&str>) -> Arc<Container> {
    let pod = pod_uid.map(|uid| Pod { uid: Some(uid.into()), ..Pod::default() });
    Arc::new(Container { id: ID.into(), runtime, pod, ..Container::default() })
}

/// Name, image, and the pod's namespace and name.
fn shown(container: &Container) -> [&str; 4] {
    let Container { name, image, pod, .. } = container;
    let pod_name = pod.as_ref().and_then(|pod| pod.name.as_ref());
    let namespace = pod.as_ref().and_then(|pod| pod.namespace.as_ref());
    [name.as_ref(), image.as_ref(), namespace, pod_name].map(|text| text.map_or("-", |text| &**text))
}

#[test]
fn every_runtime_s_documents_are_understood() {
    use ContainerRuntime::{Containerd, CriO, Docker, Podman};

    let cart = ["cart", "registry.example/shop/cart:1.4", "shop", "cart-7d9f-x2x"];
    let hash =
        "registry.example/shop/cart@sha256:4b825dc642cb6eb9a060e54bf8d69288fbee49044b825dc642cb6eb9a060e54b";
    for (runtime, path, document, pod_uid, expected) in [
        (Containerd, format!("{CONTAINERD}/k8s.io/ID/config.json"), "containerd_pod", Some(UID), cart),
        // The cgroup need not carry the pod's UID.
        (
            Containerd,
            CONTAINERD.replacen("run", "run/k3s", 1) + "/k8s.io/ID/config.json",
            "containerd_pod",
            None,
            cart,
        ),
        (
            Containerd,
            format!("{CONTAINERD}/k8s.io/ID/config.json"),
            "containerd_sandbox",
            Some(UID),
            ["-", "-", "shop", "cart-7d9f-x2x"],
        ),
        (
            Containerd,
            format!("{CONTAINERD}/default/ID/config.json"),
            "nerdctl",
            None,
            ["toolbox", "-", "-", "-"],
        ),
        (Containerd, format!("{CONTAINERD}/mine/ID/config.json"), "ctr", None, ["-"; 4]),
        (
            CriO,
            format!("run/{OVERLAY}/ID/userdata/config.json"),
            "crio_pod",
            Some(UID),
            ["api", "quay.example/shop/api:2", "shop", "api-0"],
        ),
        (
            CriO,
            format!("var/lib/{OVERLAY}/ID/userdata/config.json"),
            "crio_metadata",
            Some(UID),
            ["api", "quay.example/shop/api:2", "-", "-"],
        ),
        // Whoever makes a pod chooses its annotations, which CRI-O copies.
        (
            CriO,
            format!("run/{OVERLAY}/ID/userdata/config.json"),
            "crio_forged",
            Some(UID),
            ["api", "quay.example/shop/api:2", "shop", "api-0"],
        ),
        // Whoever makes an image can give it labels.
        (
            Docker,
            "var/lib/docker/containers/ID/config.v2.json".to_owned(),
            "docker_forged",
            Some(UID),
            ["cart", hash, "shop", "cart-7d9f-x2x"],
        ),
        (
            Docker,
            "var/lib/docker/containers/ID/config.v2.json".to_owned(),
            "docker",
            None,
            ["shop-web-1", "nginx:1.27", "-", "-"],
        ),
        (
            Docker,
            "var/lib/docker/containers/ID/config.v2.json".to_owned(),
            "docker_pod",
            Some(UID),
            ["cart", hash, "shop", "cart-7d9f-x2x"],
        ),
        (
            Podman,
            format!("var/lib/{OVERLAY}/containers.json"),
            "podman_store",
            None,
            ["backup", "quay.example/tools/backup:9", "-", "-"],
        ),
    ] {
        let root = host(&path, &fixture(document));
        // A cgroup may leave open which runtime it is.
        for named in [runtime, ContainerRuntime::Unknown] {
            let mut descriptions = Descriptions::new(root.path().to_owned());
            let found = descriptions.of(container(named, pod_uid), 0);
            assert_eq!((shown(&found), found.runtime), (expected, runtime), "{path} {document}");
            assert_eq!(found.is_sandbox, document == "containerd_sandbox", "{path} {document}");
            let in_pod = pod_uid.is_some() || expected[3] != "-";
            assert_eq!(
                found.pod.as_ref().and_then(|pod| pod.uid.as_deref()),
                in_pod.then_some(UID),
                "{path} {document}"
            );
            assert_eq!(descriptions.counters, ContainerCounters { found: 1, ..ContainerCounters::default() });
        }
        // Another runtime's documents are not looked at.
        let other = if runtime == Docker { CriO } else { Docker };
        let found = Descriptions::new(root.path().to_owned()).of(container(other, None), 0);
        assert_eq!(shown(&found), ["-"; 4], "{path}");
    }
}

#[test]
fn podman_s_bundle_does_not_hide_its_store() {
    let root = host(&format!("var/lib/{OVERLAY}/ID/userdata/config.json"), &fixture("podman_bundle"));
    leave(root.path(), &format!("var/lib/{OVERLAY}/volatile-containers.json"), &fixture("podman_store"));
    let mut descriptions = Descriptions::new(root.path().to_owned());
    let found = descriptions.of(container(ContainerRuntime::Unknown, None), 0);
    assert_eq!((shown(&found)[0], found.runtime), ("backup", ContainerRuntime::Podman));
}

const DOCKER: &str = "var/lib/docker/containers/ID/config.v2.json";

#[test]
fn what_nobody_should_write_does_no_harm() {
    let long = format!(r#"{{"Name": "{}"}}"#, "ü".repeat(1000));
    let deep = "[".repeat(100_000);
    let large = format!(r#"{{"Name": "a", "x": "{}"}}"#, "x".repeat(1 << 20));
    for (document, name, counted) in [
        (&br#"{"Name": "/a\u0000b"}"#[..], Some("a\0b"), (1, 0)),
        (b"{\"Name\": \"\xff\xfe\"}", Some("\u{fffd}\u{fffd}"), (1, 0)),
        (long.as_bytes(), Some(&*"ü".repeat(256)), (1, 0)),
        (
            br#"{"Name": "a", "Config": {"Labels": {"io.kubernetes.container.name": {"x": []}}}}"#,
            Some("a"),
            (1, 0),
        ),
        (br#"{"Name": "a", "Config": null}"#, Some("a"), (1, 0)),
        (br#"{"Name": 5}"#, None, (0, 1)),
        (br#"{"Name": "a""#, None, (0, 1)),
        (b"", None, (0, 1)),
        (b"[]", None, (0, 1)),
        (deep.as_bytes(), None, (0, 1)),
        (large.as_bytes(), None, (0, 1)),
    ] {
        let root = host(DOCKER, document);
        let mut descriptions = Descriptions::new(root.path().to_owned());
        let mut found = container(ContainerRuntime::Docker, None);
        for second in [0, 1, 10, 100] {
            found = descriptions.of(found, second * SECOND);
        }
        let start = String::from_utf8_lossy(&document[..document.len().min(40)]).into_owned();
        assert_eq!(found.name.as_deref(), name, "{start}");
        let ContainerCounters { found, refused, .. } = descriptions.counters;
        assert_eq!((found, refused), counted, "{start}");
    }
}

#[test]
fn ids_that_are_no_names_become_no_path() {
    for (id, expected) in [
        (ID, true),
        ("my-box_1.2", true),
        ("", false),
        ("..", false),
        (".hidden", false),
        ("a/b", false),
        ("a\0b", false),
        ("ä", false),
        (&*"a".repeat(129), false),
    ] {
        assert_eq!(is_sane(id), expected, "{id:?}");
    }
}

/// A look costs some system calls: there are four, whatever the container does meanwhile.
#[test]
fn a_document_that_comes_later_is_found_at_a_later_event() {
    const MILLISECOND: u64 = 1_000_000;
    for (written_ms, events_ms, expected) in [
        (50, &[0, 60, 90, 101][..], &[false, false, false, true][..]),
        (500, &[0, 101, 600, 1_102], &[false, false, false, true]),
        (5_000, &[0, 101, 1_102, 6_000, 11_103], &[false, false, false, false, true]),
        (20_000, &[0, 101, 1_102, 11_103, 30_000, 900_000], &[false; 6]),
    ] {
        let root = tempfile::tempdir().unwrap();
        let mut descriptions = Descriptions::new(root.path().to_owned());
        let mut seen = Vec::new();
        for at_ms in events_ms {
            if *at_ms >= written_ms {
                leave(root.path(), DOCKER, &fixture("docker"));
            }
            let found = descriptions.of(container(ContainerRuntime::Docker, None), at_ms * MILLISECOND);
            seen.push(found.name.is_some());
        }
        assert_eq!(seen, expected, "written after {written_ms} ms");
        let ContainerCounters { found, missing, .. } = descriptions.counters;
        let is_found = expected.contains(&true);
        assert_eq!((found, missing), (u64::from(is_found), u64::from(!is_found)));
    }
}

#[test]
fn a_container_is_looked_up_once_and_there_is_a_bound() {
    let root = host(DOCKER, &fixture("docker"));
    let mut descriptions = Descriptions::new(root.path().to_owned());
    let first = descriptions.of(container(ContainerRuntime::Docker, None), 0);
    fs::remove_dir_all(root.path().join("var")).unwrap();
    // It is one for all its processes.
    assert!(Arc::ptr_eq(&first, &descriptions.of(container(ContainerRuntime::Docker, None), SECOND)));
    for number in 0..MAX_CONTAINERS {
        let other = Container { id: format!("box-{number}").into(), ..Container::default() };
        descriptions.of(Arc::new(other), SECOND);
    }
    assert_eq!((descriptions.known.len(), descriptions.counters.forgotten), (MAX_CONTAINERS, 1));
    let again = descriptions.of(container(ContainerRuntime::Docker, None), 2 * SECOND);
    assert_eq!(again.name, None, "the one that was asked for longest ago was forgotten");
}
