//! Events as they really were, by `rampart events`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    process::{Command, Stdio},
    time::Duration,
};

use rampart_e2e::{rampart, sh, text};
use serde_json::Value as Json;

/// Does something while events are recorded, and gives what was recorded.
fn record(kinds: &str, deed: impl FnOnce()) -> Vec<Json> {
    let mut recorder = rampart(["events", "--format", "json", "--kind", kinds])
        .unwrap()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(recorder.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("recording")));
    deed();
    sh(&format!("kill -INT {}", recorder.id())).unwrap();
    let output = recorder.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", log.collect::<Vec<_>>());
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn of_this_process(events: &[Json], category: &str) -> Vec<Json> {
    let pid = std::process::id().to_string();
    let own = |event: &&Json| text(event, "/ProcessId") == pid && text(event, "/category") == category;
    events.iter().filter(own).cloned().collect()
}

#[test]
fn connects_tell_their_true_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let events = record("connect", || {
        drop(TcpStream::connect(("127.0.0.1", open)).unwrap());
        drop(TcpStream::connect(("::ffff:127.0.0.1", open)).unwrap());
        drop(TcpStream::connect(("127.0.0.1", closed)).unwrap_err());
        let address = ([127, 0, 0, 1], open).into();
        drop(TcpStream::connect_timeout(&address, Duration::from_secs(5)).unwrap());
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(("127.0.0.1", 5353)).unwrap();
        // Dissolving the peer is no connection.
        rustix::net::connect_unspec(&socket).unwrap();
        // TEST-NET-1 and a multicast address, which TCP refuses before the first packet.
        drop(TcpStream::connect(("224.0.0.1", 1)).unwrap_err());
    });
    let found: Vec<_> = of_this_process(&events, "network_connection")
        .iter()
        .map(|event| {
            let port = text(event, "/DestinationPort");
            (text(event, "/Protocol"), text(event, "/DestinationIp"), port, text(event, "/connect.outcome"))
        })
        .collect();
    let expected = [
        ("tcp", "127.0.0.1", open, "success"),
        ("tcp", "127.0.0.1", open, "success"),
        ("tcp", "127.0.0.1", closed, "refused"),
        ("tcp", "127.0.0.1", open, "success"),
        ("udp", "127.0.0.1", 5353, "success"),
        ("tcp", "224.0.0.1", 1, "failed"),
    ]
    .map(|(protocol, ip, port, outcome)| (protocol.into(), ip.into(), port.to_string(), outcome.into()));
    assert_eq!(found, expected);
}

#[test]
fn ipv6_connects_are_seen() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        println!("skipped ipv6_connects_are_seen: this machine has no IPv6 on its loopback device");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let events = record("connect", || drop(TcpStream::connect(("::1", port)).unwrap()));
    let event = of_this_process(&events, "network_connection").pop().unwrap();
    assert_eq!(text(&event, "/DestinationIp"), "::1");
    assert_eq!(text(&event, "/DestinationPort"), port.to_string());
    assert_eq!(text(&event, "/connect.outcome"), "success");
}

#[test]
fn an_exec_tells_path_arguments_and_directory() {
    let long = "x".repeat(20_000);
    let events = record("exec", || {
        let odd = std::ffi::OsStr::from_bytes(b"odd-\xff\xfe");
        Command::new("/bin/true").arg("plain").arg(odd).arg(&long).current_dir("/usr/lib").status().unwrap();
        Command::new("/bin/true").arg0("[disguise]").arg("marked-disguise").status().unwrap();
        let huge = vec!["y".repeat(1000); 100];
        Command::new("/bin/true").arg("marked-huge").args(huge).status().unwrap();
    });
    let with = |mark: &str| events.iter().find(|event| text(event, "/CommandLine").contains(mark)).unwrap();
    let plain = with("plain odd-");
    let image = std::fs::canonicalize("/bin/true").unwrap().display().to_string();
    assert_eq!(text(plain, "/Image"), image);
    assert_eq!(text(plain, "/CurrentDirectory"), "/usr/lib");
    assert_eq!(text(plain, "/CommandLine"), format!("/bin/true plain odd-\\xff\\xfe {long}"));
    assert_eq!(text(plain, "/ParentProcessId"), std::process::id().to_string());
    assert_eq!(text(plain, "/User"), "root");
    assert_eq!(text(with("marked-disguise"), "/Image"), image);
    assert_eq!(text(with("marked-huge"), "/CommandLine").len(), 32_767);
}

#[test]
fn a_recording_can_be_evaluated() {
    let events = record("exec", || {
        let folder = tempfile::tempdir().unwrap();
        rampart_e2e::spawn_named(folder.path(), "/bin/sleep", "minerd", &["0"]).unwrap().wait().unwrap();
    });
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for event in &events {
        writeln!(file, "{event}").unwrap();
    }
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    let output =
        rampart(["rules", "eval", "--rules", rules, "--events"]).unwrap().arg(file.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let place = events.iter().position(|event| text(event, "/Image").ends_with("/minerd")).unwrap();
    let matches: Vec<Json> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(matches.iter().any(|found| found["event"] == place), "{matches:?}");
}

#[test]
fn mounts_tell_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let events = record("mount", || {
        let script =
            format!("cd {}; mkdir a b; mount --bind a ./b; mount -t tmpfs none a", folder.path().display());
        sh(&format!("unshare -m sh -euc '{script}'")).unwrap();
    });
    let at = |target: &str| {
        let target = folder.path().join(target).display().to_string();
        events.iter().find(|event| text(event, "/mount.target") == target).unwrap()
    };
    assert_eq!(text(at("b"), "/mount.source"), folder.path().join("a").display().to_string());
    assert_eq!(text(at("b"), "/mount.flags"), "bind");
    assert_eq!(text(at("a"), "/mount.type"), "tmpfs");
    assert_eq!(text(at("a"), "/mount.success"), "true");
}
