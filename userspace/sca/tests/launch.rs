//! Commands of a host that is scanned from a container: they run where the host's own commands run.
//!
//! This program is the one that scans, the trampoline, and what runs in the container; it has a `main` of its own because
//! a trampoline has one thread.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    env,
    ffi::OsString,
    fmt::Write as _,
    fs,
    io::{self, Read as _, Write as _},
    ops::ControlFlow,
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use libtest_mimic::{Arguments, Trial};
use rampart_sca::host::{CommandFault, Host, HostConfig, Launcher, Limits, Process, launch};

/// First arguments of this program in its other parts.
const LAUNCH: &str = "launch";
const SCAN: &str = "scan";

/// A host with all namespaces of its own, which tells of itself, and then has a container.
const HOST: &str = r#"
set -e
hostname of-the-host
echo 7 > /proc/sys/net/ipv4/ip_default_ttl
"$0" scan /
echo
unshare --mount --net --uts --ipc --cgroup sh -c "$2" "$0" "$1"
echo
unshare --mount --uts --pid --fork sh -c "$2" "$0" "$1"
"#;

/// What a container has for itself, and the host seen at /host; then the scan in it.
const CONTAINER: &str = r#"
set -e
mount -t tmpfs none "$1"
mkdir "$1/host"
mount --rbind / "$1/host"
mount -t proc none /proc
mount -t tmpfs none /etc
hostname of-the-container
exec "$0" scan "$1/host"
"#;

/// What differs between namespaces, and what commands see of themselves.
const COMMANDS: [&str; 14] = [
    "hostname",
    "readlink /proc/self/ns/mnt",
    "readlink /proc/self/ns/net",
    "readlink /proc/self/ns/uts",
    "readlink /proc/self/ns/ipc",
    "readlink /proc/self/ns/cgroup",
    "head -n1 /etc/passwd",
    "ls /proc/self/fd",
    "stat -c %i /",
    "ps -o nice=,comm= -p 1",
    "sh -c \"nice; pwd\"",
    r#"sh -c "read pid name state parent group session rest < /proc/self/stat; test $pid = $session && echo leads""#,
    r#"sh -c "exit 127""#,
    "/nowhere",
];

/// Files that tell of the namespaces of whoever reads them.
const FILES: [&str; 7] = [
    "/proc/mounts",
    "/etc/mtab",
    "/proc/net/snmp",
    "/proc/sys/net/ipv4/ip_default_ttl",
    "/proc/sys/kernel/hostname",
    "/proc/self/mountinfo",
    "/etc/passwd",
];

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let first = words.first().and_then(|word| word.to_str());
    match (first, words.as_slice()) {
        (Some(LAUNCH), [_, _, root, _, command @ ..]) => launch(Path::new(root), command),
        (Some(SCAN), [_, root]) => {
            let told = io::stdout().write_all(scan(Path::new(root)).as_bytes());
            told.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
        }
        _ => {
            let trial = |name: &str, test: fn()| {
                Trial::test(name, move || {
                    test();
                    Ok(())
                })
            };
            let trials = vec![
                trial("a_container_sees_what_the_host_sees", inside_and_outside),
                trial("a_container_is_scanned_from_the_host", from_outside),
                trial("a_root_without_processes_is_entered_by_chroot", file_system_only),
            ];
            libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
        }
    }
}

fn host(root: &Path) -> Host {
    let launcher = Launcher::this_program([LAUNCH]);
    let config = HostConfig {
        root: root.to_owned(),
        limits: Limits { command_time: Duration::from_secs(3), ..Limits::DEFAULT },
        launcher,
        skip_nfs: true,
        cpu_share: None,
    };
    let host = Host::new(config).unwrap();
    host.enter();
    host
}

/// All that is known of a host, as text.
fn scan(root: &Path) -> String {
    let host = host(root);
    let mut report = String::new();
    for command in COMMANDS {
        let outcome = host.run(command);
        let output = String::from_utf8_lossy(&outcome.output).into_owned();
        writeln!(report, "{command}: {:?} {output:?}", outcome.ending).unwrap();
    }
    for file in FILES {
        let mut lines = Vec::new();
        let facts = host.read_lines(file, &mut |line| {
            lines.push(String::from_utf8_lossy(line).into_owned());
            ControlFlow::Continue(())
        });
        writeln!(report, "{file}: {:?} {lines:?}", facts.map(|facts| facts.mode)).unwrap();
    }
    let processes = host.processes().unwrap();
    let first = processes.iter().find(|process| process.pid == 1);
    report + &format!("{first:?}\n")
}

fn inside_and_outside() {
    let folder = tempfile::tempdir().unwrap();
    let program = env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--net", "--uts", "--ipc", "--cgroup", "--pid", "--fork", "--mount-proc"])
        .args(["sh", "-c", HOST])
        .args([program.as_os_str(), folder.path().as_os_str(), CONTAINER.as_ref()])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("unshare failed: Operation not permitted") {
        // Whoever may not make a container cannot scan from one.
        return;
    }
    let reports = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut reports = reports.split("\n\n");
    let mut next = || reports.next().unwrap_or_else(|| panic!("{errors}"));
    let (outside, inside, apart) = (next(), next(), next());
    for part in ["hostname: Ok(Exited(0)) \"of-the-host\\n\"", "leads", "/nowhere: Err(NotExecuted"] {
        assert!(outside.contains(part), "{outside}");
    }
    assert_eq!(lines(inside), lines(outside));
    // Without the host's processes there are no commands, and all else is the same.
    let mut refused = lines(apart);
    let rest = refused.split_off(COMMANDS.len());
    assert!(
        refused.iter().all(|line| line.contains("Unlaunched") && line.contains("hostPID: true")),
        "{refused:?}"
    );
    assert_eq!(rest, lines(outside).split_off(COMMANDS.len()));
}

fn lines(report: &str) -> Vec<&str> {
    report.trim_end().lines().collect()
}

/// The other way round: a container is scanned from the host.
fn from_outside() {
    let mut container = Command::new("unshare")
        .args(["--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .args(["sh", "-c", "hostname of-the-container && echo ready; exec sleep 1000"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 5];
    let is_there = container.stdout.take().is_some_and(|mut output| output.read_exact(&mut ready).is_ok());
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", container.id())).unwrap();
    let outcome = std::panic::catch_unwind(|| is_there.then(|| scan_container(children.trim())));
    container.kill().unwrap();
    container.wait().unwrap();
    outcome.unwrap();
}

fn scan_container(pid: &str) {
    let host = host(&Path::new("/proc").join(pid).join("root"));
    for (command, ending, output) in [
        ("hostname", "Ok(Exited(0))", "of-the-container\n"),
        ("ps -o comm= -p 1", "Ok(Exited(0))", "sleep\n"),
        (r#"sh -c "echo $$ | head -c1; kill -9 $$""#, "Ok(Exited(137))", ""),
        (r#"sh -c "exit 127""#, "Err(NotExecuted { command: \"sh -c \\\"exit 127\\\"\", cause: None })", ""),
        (
            "/nowhere",
            "Err(NotExecuted { command: \"/nowhere\", cause: Some(\"No such file or directory\") })",
            "",
        ),
        ("sleep 1000", "Err(TimedOut { command: \"sleep 1000\" })", ""),
    ] {
        let outcome = host.run(command);
        assert_eq!(format!("{:?}", outcome.ending), ending);
        assert!(output.is_empty() || outcome.output == output.as_bytes(), "{outcome:?}");
    }
    let first = host.processes().unwrap().into_iter().next();
    assert_eq!(first, Some(Process { pid: 1, name: b"sleep".to_vec() }));
}

fn file_system_only() {
    let root = tempfile::tempdir().unwrap();
    let outcome = host(root.path()).run("/bin/sh -c exit");
    let Err(CommandFault::NotExecuted { cause: Some(cause), .. }) = outcome.ending else {
        panic!("{outcome:?}")
    };
    assert_eq!(&*cause, "No such file or directory");
}
