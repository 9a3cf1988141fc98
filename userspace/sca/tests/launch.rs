//! Commands of a host that is scanned from a container: they run where the host's own commands run.
//!
//! This program is the one that scans, the trampoline, and what runs in the container; it has a `main` of its own because
//! a trampoline has one thread.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Read as _, Write as _},
    ops::ControlFlow,
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use libtest_mimic::{Arguments, Failed, Trial};
use rampart_sca::host::{Host, HostConfig, Launcher, Limits, Process, launch};

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
            let trials = vec![
                Trial::test("a_container_sees_what_the_host_sees", inside_and_outside),
                Trial::test("a_container_is_scanned_from_the_host", from_outside),
                Trial::test("a_root_without_processes_is_entered_by_chroot", file_system_only),
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
    host.enter().unwrap();
    host
}

/// All that is known of a host, as text.
fn scan(root: &Path) -> String {
    let host = host(root);
    let mut report = String::new();
    for command in COMMANDS {
        let outcome = host.run(command);
        let output = String::from_utf8_lossy(&outcome.output).into_owned();
        report.push_str(&format!("{command}: {:?} {output:?}\n", outcome.ending));
    }
    for file in FILES {
        let mut lines = Vec::new();
        let facts = host.read_lines(file, &mut |line| {
            lines.push(String::from_utf8_lossy(line).into_owned());
            ControlFlow::Continue(())
        });
        report.push_str(&format!("{file}: {:?} {lines:?}\n", facts.map(|facts| facts.mode)));
    }
    let processes = host.processes().unwrap();
    let first = processes.iter().find(|process| process.pid == 1);
    report + &format!("{first:?}\n")
}

fn inside_and_outside() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let program = env::current_exe()?;
    let output = Command::new("unshare")
        .args(["--mount", "--net", "--uts", "--ipc", "--cgroup", "--pid", "--fork", "--mount-proc"])
        .args(["sh", "-c", HOST])
        .args([program.as_os_str(), folder.path().as_os_str(), CONTAINER.as_ref()])
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("unshare failed: Operation not permitted") {
        // Whoever may not make a container cannot scan from one.
        return Ok(());
    }
    let reports = String::from_utf8_lossy(&output.stdout).into_owned();
    let [outside, inside, apart] = reports.split("\n\n").collect::<Vec<_>>()[..] else {
        return Err(format!("{errors}").into());
    };
    for part in ["hostname: Ok(Exited(0)) \"of-the-host\\n\"", "leads", "/nowhere: Err(NotExecuted"] {
        assert!(outside.contains(part), "{outside}");
    }
    for (inside, outside) in inside.lines().zip(outside.lines()) {
        same(inside, outside)?;
    }
    same(&inside.lines().count().to_string(), &outside.lines().count().to_string())?;
    // Without the host's processes there are no commands, and all else is the same.
    for (apart, (outside, command)) in apart.lines().zip(outside.lines().zip(COMMANDS)) {
        let refused = apart.contains("Unlaunched") && apart.contains("hostPID: true");
        assert!(refused, "{command}: {apart} {outside}");
    }
    for (apart, outside) in apart.lines().zip(outside.lines()).skip(COMMANDS.len()) {
        same(apart, outside)?;
    }
    Ok(())
}

/// The other way round: a container is scanned from the host.
fn from_outside() -> Result<(), Failed> {
    let mut container = Command::new("unshare")
        .args(["--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .args(["sh", "-c", "hostname of-the-container && echo ready; exec sleep 1000"])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut ready = [0; 5];
    let is_there = container.stdout.take().is_some_and(|mut output| output.read_exact(&mut ready).is_ok());
    let first = fs::read_to_string(format!("/proc/{0}/task/{0}/children", container.id()));
    let outcome = if is_there { scan_container(first?.trim()) } else { Ok(()) };
    container.kill()?;
    container.wait()?;
    outcome
}

fn scan_container(pid: &str) -> Result<(), Failed> {
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
        same(&format!("{:?}", outcome.ending), ending)?;
        assert!(output.is_empty() || outcome.output == output.as_bytes(), "{outcome:?}");
    }
    let first = host.processes()?.into_iter().next();
    same(&format!("{first:?}"), &format!("{:?}", Some(Process { pid: 1, name: b"sleep".to_vec() })))
}

fn file_system_only() -> Result<(), Failed> {
    let root = tempfile::tempdir()?;
    let Some(busybox) =
        ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| Path::new(path).exists())
    else {
        return Ok(());
    };
    fs::create_dir(root.path().join("bin"))?;
    fs::copy(busybox, root.path().join("bin/busybox"))?;
    let outcome = host(root.path()).run("busybox ls /");
    same(&String::from_utf8_lossy(&outcome.output), "bin\n")
}

fn same(left: &str, right: &str) -> Result<(), Failed> {
    if left == right { Ok(()) } else { Err(format!("\n   {left}\n!= {right}").into()) }
}
