//! Commands that do not end, that write without an end, and that leave others behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rampart_sca::host::{CommandFault, CommandOutcome, CpuShare, Ending, Host, HostConfig, Launcher, Limits};

const LIMITS: Limits = Limits {
    command_time: Duration::from_secs(20),
    command_bytes: 64 << 10,
    command_linger: Duration::from_millis(100),
    command_grace: Duration::from_millis(100),
    ..Limits::DEFAULT
};

/// For those that do not end.
const SHORT: Limits = Limits { command_time: Duration::from_secs(1), ..LIMITS };

fn host(limits: Limits, cpu_share: Option<CpuShare>) -> Host {
    let (root, launcher) = ("/".into(), Launcher::Direct);
    Host::new(HostConfig { root, limits, launcher, skip_nfs: true, cpu_share }).unwrap()
}

fn lines(outcome: &CommandOutcome) -> Vec<String> {
    outcome.lines().map(|line| String::from_utf8_lossy(&line).into_owned()).collect()
}

#[test]
fn a_command_has_lines_whatever_its_end() {
    let host = host(LIMITS, None);
    for (command, ending, expected) in [
        ("true", Ending::Exited(0), &[""][..]),
        ("false", Ending::Exited(1), &[""]),
        (
            r#"sh -c "echo out; echo err >&2; echo out; exit 3""#,
            Ending::Exited(3),
            &["out", "err", "out", ""],
        ),
        (r#"sh -c "printf x; kill -9 $$""#, Ending::Killed(9), &["x"]),
        (r#"sh -c "read line; echo $? $HOME $LC_ALL""#, Ending::Exited(0), &["1 /root C", ""]),
        ("pwd", Ending::Exited(0), &["/", ""]),
        ("printf %s 'a b'", Ending::Exited(0), &["'ab'"]),
        // Another who holds the output does not hold the scan, and does not outlive it.
        (r#"sh -c "sleep 1000 & echo done""#, Ending::Exited(0), &["done", ""]),
        (r#"sh -c "exec >&- 2>&-; sleep 0.1""#, Ending::Exited(0), &[""]),
    ] {
        let outcome = host.run(command);
        assert_eq!(
            (&outcome.ending, lines(&outcome)),
            (&Ok(ending), expected.iter().map(|line| (*line).into()).collect()),
            "{command}"
        );
    }
}

#[test]
fn a_command_without_a_result_has_a_reason() {
    let (patient, short) = (host(LIMITS, None), host(SHORT, None));
    let invalid = "Invalid path or wrong permissions to run command 'C'";
    let timeout = "Timeout overtaken running command 'C'";
    let much = "Output of command 'C' is larger than 65536 bytes";
    let table = [
        ("", invalid),
        ("/nowhere/to/be/found", invalid),
        ("no-such-command -x", invalid),
        ("/etc/passwd", invalid),
        ("/etc", invalid),
        (r#"sh -c "exit 127""#, invalid),
        ("sleep 1000", timeout),
        (r#"sh -c "trap : TERM; while :; do sleep 1000; done""#, timeout),
        ("yes", much),
        (r#"sh -c "trap : TERM; while :; do echo x; done""#, much),
    ];
    for (command, reason) in table {
        let host = if reason == timeout { &short } else { &patient };
        let outcome = host.run(command);
        let fault = outcome.ending.unwrap_err();
        assert_eq!(fault.to_string(), reason.replace("'C'", &format!("'{command}'")));
        assert!(outcome.output.len() <= 64 << 10, "{command}");
    }
}

#[test]
fn the_commands_own_127_is_told_apart() {
    let host = host(LIMITS, None);
    let cause = |command: &str| match host.run(command).ending {
        Err(CommandFault::NotExecuted { cause, .. }) => cause.as_deref().map(ToOwned::to_owned),
        other => panic!("{other:?}"),
    };
    assert_eq!(cause(r#"sh -c "exit 127""#), None);
    assert_eq!(cause("/nowhere").as_deref(), Some("No such file or directory"));
    assert_eq!(cause("/etc").as_deref(), Some("Permission denied"));
}

#[test]
fn nothing_is_left_of_a_command_that_took_too_long() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let host = host(SHORT, None);
    for script in [
        "sleep 1000 & echo $! > {}; wait",
        "sleep 1000 & echo $! > {}",
        "trap : TERM; sleep 1000 & echo $! > {}; yes",
    ] {
        host.run(&format!(r#"sh -c "{}""#, script.replace("{}", pid.to_str().unwrap())));
        let stat = Path::new("/proc").join(fs::read_to_string(&pid).unwrap().trim()).join("stat");
        let is_over = |stat: &str| stat.contains(") Z ") || stat.contains(") X ");
        // It is gone, or waits for somebody to hear of its end, or is about to.
        let goes = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            fs::read_to_string(&stat).map_or(true, |stat| is_over(&stat))
        });
        assert!(goes, "{script}");
    }
}

#[test]
fn a_command_pays_for_what_it_uses() {
    let governed = host(LIMITS, CpuShare::percent(25));
    for work in [
        r#"sh -c "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done""#,
        r#"sh -c "yes | head -c 100000000 | wc -c""#,
    ] {
        let started = Instant::now();
        let outcome = governed.run(work);
        assert_eq!(outcome.ending, Ok(Ending::Exited(0)), "{outcome:?}");
        governed.governor().rest();
        // What is told of the time that was used has been rounded.
        let used = outcome.cpu.saturating_sub(Duration::from_millis(20));
        assert!(used * 4 <= started.elapsed(), "{outcome:?}");
    }
    let short = host(SHORT, CpuShare::percent(25));
    assert!(matches!(short.run("sleep 1000").ending, Err(CommandFault::TimedOut { .. })));
}
