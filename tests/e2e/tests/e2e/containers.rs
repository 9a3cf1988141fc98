//! What containers are called, and what is none.

use std::{
    fs::{self, Permissions},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use rampart_e2e::{Agent, Bundle, rampart, sh, text};
use rustix::process::Signal;
use serde_json::Value as Json;

/// Who owns the document: the agent is root, and has given up what root is allowed, but for reading.
const SOMEBODY: u32 = 54_321;

#[test]
fn a_container_is_called_what_its_runtime_calls_it() {
    let host = tempfile::tempdir().unwrap();
    let id = format!("rampart-e2e-named-{}", process::id());
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

/// The agent, as in a pod, in a cgroup namespace of its own. What lived before it is read from /proc, which tells cgroups as
/// that namespace has them; what comes after is told by the kernel.
#[test]
fn cgroups_are_the_hosts_also_where_the_agent_has_its_own_view() {
    let cgroups =
        ["box", "agent"].map(|name| Cgroup::create(&format!("rampart-e2e-{name}-{}", process::id())));
    let [elsewhere, own] = cgroups;
    // Its children are in a process namespace of their own, and in its very cgroup: that is no container.
    let mut shell =
        elsewhere.command(&["unshare", "--pid", "sh", "-euc", "read go; /bin/true marked-$go; :"]);
    let mut shell = shell.stdin(Stdio::piped()).spawn().unwrap();
    let mut recorder = own.command(&["unshare", "--cgroup"]);
    recorder.arg(rampart([]).unwrap().get_program()).args(["events", "--format", "json", "--kind", "exec"]);
    let mut recorder = recorder.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(recorder.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("recording")));
    shell.stdin.take().unwrap().write_all(b"here\n").unwrap();
    assert!(shell.wait().unwrap().success());
    sh(&format!("kill -INT {}", recorder.id())).unwrap();
    let events = String::from_utf8(recorder.wait_with_output().unwrap().stdout).unwrap();
    let event = events.lines().find(|line| line.contains("marked-here")).unwrap();
    let event: Json = serde_json::from_str(event).unwrap();
    assert_eq!(text(&event, "/container.id"), "", "{event:#}");
}

/// A cgroup that is gone with its owner.
struct Cgroup(PathBuf);

impl Cgroup {
    fn create(name: &str) -> Self {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
        let root = roots.iter().find(|root| root.join("cgroup.procs").exists()).unwrap();
        fs::create_dir_all(root.join(name)).unwrap();
        Self(root.join(name))
    }

    /// A command that begins there.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.args(["-euc", "echo $$ > \"$0\"; exec \"$@\""]).arg(self.0.join("cgroup.procs")).args(words);
        command
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).unwrap_or_default();
    }
}
