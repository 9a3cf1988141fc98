//! Events say of their containers what the API server says, whatever the layout, and whoever was there first.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{fs, sync::Arc, time::Instant};

use rampart_enrich::{EnrichConfig, Enricher, PodDirectory, Pods};
use rampart_kernel::{Body, Capture, Task};
use rampart_model::{Container, ContainerRecord, Exit, PodChange, PodDetails, PodRecord, Workload};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const UID: &str = "b1946ac9-2e49-4cd2-8f6a-d1f1f1c0ffee";
const FLAT: &str = "b1946ac9_2e49_4cd2_8f6a_d1f1f1c0ffee";
const HASH: &str = "0123456789abcdef0123456789abcdef";
const CONTAINERD: &str = "run/containerd/io.containerd.runtime.v2.task/k8s.io";
const CRIO: &str = "run/containers/storage/overlay-containers";

const PID: u32 = 41;
const TICK_NS: u64 = 10_000_000;

/// A machine with one process, which was there before the agent.
struct Machine {
    root: tempfile::TempDir,
    enricher: Enricher,
    now_ns: u64,
}

impl Machine {
    /// `cgroup` is the process's file of that name.
    fn new(cgroup: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("proc").join(PID.to_string());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("stat"), "41 (cart) S 0 41 41 0 -1 0 1 0 0 0 1 1 0 0 20 0 1 0 7 1 1").unwrap();
        let status = "Tgid:\t41\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t41\t1\n";
        fs::write(folder.join("status"), status).unwrap();
        fs::write(folder.join("cgroup"), cgroup).unwrap();
        let enricher = Enricher::new(EnrichConfig {
            proc_root: root.path().join("proc"),
            cgroup_root: root.path().join("cgroup"),
            host_root: root.path().join("host"),
            boot_id: "boot".to_owned(),
        });
        Self { root, enricher, now_ns: 1_000_000_000 }
    }

    /// Its runtime's document on the container.
    fn leave(&self, folder: &str, name: &str, fixture: &str) {
        let folder = self.root.path().join("host").join(folder);
        fs::create_dir_all(&folder).unwrap();
        let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        fs::copy(data.join(fixture).with_extension("json"), folder.join(name)).unwrap();
    }

    /// The container as the process's next event has it, a second later.
    fn container(&mut self) -> Arc<Container> {
        self.now_ns += 1_000_000_000;
        let task = Task {
            pid: PID,
            tid: PID,
            uid: 0,
            gid: 0,
            start_ns: 7 * TICK_NS,
            cgroup_id: 0,
            name: "cart".into(),
        };
        let body = Body::Exit(Exit { code: 0, signal: None });
        let capture = Capture { time_ns: self.now_ns, cpu: 0, sequence: 1, task, body };
        let event = self.enricher.enrich(capture, 0).unwrap();
        event.process.container.clone().unwrap()
    }
}

fn directory(uid: &str, config_hash: Option<&str>, id: Option<&str>) -> Arc<PodDirectory> {
    let workload = Some(Workload { kind: "Deployment".into(), name: "cart".into() });
    let container = ContainerRecord {
        name: "cart".into(),
        image: "registry.example/shop/cart:1.4".into(),
        id: id.map(Into::into),
        last_id: None,
        digest: id.map(|_| "sha256:4b".into()),
    };
    let record = PodRecord {
        uid: uid.into(),
        config_hash: config_hash.map(Into::into),
        name: "cart-7d9f-x2x".into(),
        namespace: "shop".into(),
        details: Arc::new(PodDetails { workload, ..PodDetails::default() }),
        containers: [container].into(),
    };
    let mut pods = Pods::default();
    pods.apply(PodChange::Present(Arc::new(record)), Instant::now());
    pods.snapshot()
}

/// UID, namespace and name of the pod, its workload, and name, image and digest of the container.
fn shown(container: &Container) -> [&str; 7] {
    let pod = container.pod.as_ref();
    let workload = pod.and_then(|pod| pod.details.as_ref()?.workload.as_ref());
    [
        pod.and_then(|pod| pod.uid.as_deref()),
        pod.and_then(|pod| pod.namespace.as_deref()),
        pod.and_then(|pod| pod.name.as_deref()),
        workload.map(|workload| &*workload.name),
        container.name.as_deref(),
        container.image.as_deref(),
        container.image_digest.as_deref(),
    ]
    .map(|text| text.unwrap_or("-"))
}

#[test]
fn every_layout_leads_to_its_pod() {
    let burstable = "kubepods.slice/kubepods-burstable.slice";
    let containerd = format!("/{burstable}/kubepods-burstable-pod{FLAT}.slice/cri-containerd-{ID}.scope");
    let crio = format!("/{burstable}/kubepods-burstable-pod{FLAT}.slice/crio-{ID}.scope");
    for (cgroup, hash, document) in [
        // cgroup v2 and v1, the systemd and the cgroupfs driver.
        (format!("0::{containerd}\n"), None, Some((CONTAINERD, "containerd_pod"))),
        (format!("11:memory:{containerd}\n0::/\n"), None, Some((CONTAINERD, "containerd_pod"))),
        (format!("0::/kubepods/burstable/pod{UID}/{ID}\n"), None, Some((CONTAINERD, "containerd_pod"))),
        (format!("5:pids:/kubepods/pod{UID}/{ID}\n0::/\n"), None, None),
        (format!("0::{crio}\n"), None, Some((CRIO, "crio_metadata"))),
        (format!("4:memory:/kubepods/burstable/pod{UID}/crio-{ID}\n0::/\n"), None, None),
        // A static pod: its cgroup has another UID than the API.
        (format!("0::/kubepods/burstable/pod{HASH}/{ID}\n"), Some(HASH), None),
        (
            format!("0::/{burstable}/kubepods-burstable-pod{HASH}.slice/cri-containerd-{ID}.scope\n"),
            Some(HASH),
            Some((CONTAINERD, "containerd_pod")),
        ),
    ] {
        let mut machine = Machine::new(&cgroup);
        if let Some((folder, fixture)) = document {
            let inside = if folder == CRIO { "userdata" } else { "" };
            machine.leave(&format!("{folder}/{ID}/{inside}"), "config.json", fixture);
        }
        machine.enricher.seed(0);
        machine.enricher.learn(directory(UID, hash, Some(ID)));
        let container = machine.container();
        // What CRI-O has written is another name and image: the API server's word counts.
        let image = "registry.example/shop/cart:1.4";
        let expected = [UID, "shop", "cart-7d9f-x2x", "cart", "cart", image, "sha256:4b"];
        assert_eq!(shown(&container), expected, "{cgroup}");
        assert!(container.is_complete(), "{cgroup}");
    }
}

#[test]
fn a_pod_that_is_known_later_is_in_the_events_after_that() {
    let mut machine = Machine::new(&format!("0::/kubepods/pod{UID}/{ID}\n"));
    machine.enricher.learn(Arc::default());
    machine.enricher.seed(0);
    assert_eq!(shown(&machine.container()), [UID, "-", "-", "-", "-", "-", "-"]);
    // The pod is known, and the kubelet has not told of the container yet.
    machine.enricher.learn(directory(UID, None, None));
    let partly = machine.container();
    assert_eq!(shown(&partly), [UID, "shop", "cart-7d9f-x2x", "cart", "-", "-", "-"]);
    assert!(Arc::ptr_eq(&partly, &machine.container()));
    // Its document comes late, and takes nothing away.
    machine.leave(&format!("{CONTAINERD}/{ID}"), "config.json", "containerd_pod");
    machine.now_ns += 60_000_000_000;
    let image = "registry.example/shop/cart:1.4";
    assert_eq!(shown(&machine.container()), [UID, "shop", "cart-7d9f-x2x", "cart", "cart", image, "-"]);
    let told = {
        let mut pods = Pods::default();
        pods.apply(PodChange::Gone("another".into()), Instant::now());
        pods.snapshot()
    };
    machine.enricher.learn(told);
    assert_eq!(machine.container().name.as_deref(), Some("cart"), "what was told is not forgotten");
}

#[test]
fn a_sandbox_is_known_by_its_document() {
    let mut machine = Machine::new(&format!("0::/kubepods/pod{UID}/{ID}\n"));
    machine.leave(&format!("{CONTAINERD}/{ID}"), "config.json", "containerd_sandbox");
    machine.enricher.learn(directory(UID, None, None));
    let sandbox = machine.container();
    assert_eq!(shown(&sandbox), [UID, "shop", "cart-7d9f-x2x", "cart", "-", "-", "-"]);
    assert!(sandbox.is_sandbox && sandbox.is_complete());
}
