//! Scans of this machine by small policies.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use rampart_model::Timestamp;
use rampart_policy::{Catalogue, Mode};
use rampart_sca::{
    ScanEvent, ScanReport,
    host::{CpuShare, Host, HostConfig, Launcher, Limits},
    parse, scan,
};

/// A check for each rule, with its number from 1, and the numbers in the order in which results were told.
fn scanned(rules: &[&str]) -> (ScanReport, Vec<u32>) {
    let check = |(id, rule)| format!("  - {{id: {id}, title: t, condition: any, rules: ['{rule}']}}\n");
    let checks: String = (1..).zip(rules).map(check).collect();
    let text = format!("policy: {{id: p, name: n, file: f, description: d}}\nchecks:\n{checks}");
    let policy = parse("p.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient).policy.unwrap();
    let config = HostConfig {
        root: "/".into(),
        limits: Limits::DEFAULT,
        launcher: Launcher::Direct,
        skip_nfs: true,
        // With a share, one thing is done after the other.
        cpu_share: CpuShare::percent(100),
    };
    let mut told = Vec::new();
    let host = Host::new(config).unwrap();
    let report = scan(&host, &[policy], || Timestamp::EPOCH, &mut |event| {
        if let ScanEvent::Check(_, check) = event {
            told.push(check.id);
        }
    });
    (report, told)
}

#[test]
fn the_longest_command_is_told_whichever_decides() {
    let (report, _) = scanned(&["c:true -> r:^$", "c:sleep 0.3 -> r:x", "c:echo -> r:^$"]);
    let longest = report.longest_command.unwrap();
    assert_eq!(&*longest.command, "sleep 0.3");
    // By a clock that is not the one that sleeps.
    assert!(longest.took_ms >= 200, "{}", longest.took_ms);
    assert_eq!(scanned(&["f:/etc/passwd"]).0.longest_command, None);
}

#[test]
fn commands_that_walk_through_folders_come_first() {
    let (_, told) = scanned(&[
        "c:true -> r:^$",
        "c:echo findmnt -> r:find",
        "c:find / -maxdepth 0 -> r:/",
        r#"c:sh -c "x=$(find / -maxdepth 0)" -> r:^$"#,
    ]);
    assert_eq!(told, [3, 4, 1, 2]);
}
