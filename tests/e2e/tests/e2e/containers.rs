//! What containers are called.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, chown},
};

use rampart_e2e::{Agent, Bundle, text};
use rustix::process::Signal;

/// Who owns the document: the agent is root, and has given up what root is allowed, but for reading.
const SOMEBODY: u32 = 54_321;

#[test]
fn a_container_is_called_what_its_runtime_calls_it() {
    let host = tempfile::tempdir().unwrap();
    let id = format!("rampart-e2e-named-{}", std::process::id());
    let tasks = "run/containerd/io.containerd.runtime.v2.task";
    let folder = host.path().join(tasks).join("k8s.io").join(&id);
    fs::create_dir_all(&folder).unwrap();
    let document = folder.join("config.json");
    let annotations = r#"{
        "io.kubernetes.cri.container-name": "cart",
        "io.kubernetes.cri.image-name": "registry.example/cart:1",
        "io.kubernetes.cri.sandbox-name": "cart-0",
        "io.kubernetes.cri.sandbox-namespace": "shop",
        "io.kubernetes.cri.sandbox-uid": "b1946ac9-2e49-4cd2-8f6a-d1f1f1c0ffee"
    }"#;
    fs::write(&document, format!("{{\"ociVersion\": \"1.2.0\", \"annotations\": {annotations}}}")).unwrap();
    for (path, mode) in [(&document, 0o600), (&folder, 0o700)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        chown(path, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    }
    let agent = Agent::start_with(&format!("host_root: {}", host.path().display())).unwrap();
    Bundle::new().unwrap().run(&id, "xmrig").unwrap();
    let found = agent.wait_for(|finding| text(finding, "/container/id") == id).unwrap();
    for (path, expected) in [
        ("/container/name", "cart"),
        ("/container/image/name", "registry.example/cart:1"),
        ("/container/runtime", "containerd"),
        ("/orchestrator/namespace", "shop"),
        ("/orchestrator/resource/name", "cart-0"),
        ("/orchestrator/resource/type", "pod"),
    ] {
        assert_eq!(text(&found, path), expected, "{found:#}");
    }
    assert!(agent.stop(Signal::TERM).unwrap().status.success());
}
