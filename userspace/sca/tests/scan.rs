//! Rules about real files, folders, commands and processes, in one scan: what each comes to.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::{fmt::Write as _, fs, os::unix::fs::symlink, path::Path};

use rampart_model::Timestamp;
use rampart_policy::{Mode, embedded_catalogue};
use rampart_sca::{
    CheckReport, ScanEvent,
    host::{CpuShare, Host, HostConfig, Launcher, Limits},
    parse, scan,
};

/// Rules below a folder `D`, and what a check comes to that has only this one: passed, failed, or not applicable with that
/// reason.
const RULES: [(&str, &str); 40] = [
    ("f:D/settings", "passed"),
    ("f:D/missing", "failed"),
    ("not f:D/missing", "passed"),
    ("f:D/missing,D/settings", "passed"),
    ("f:D/fifo", "FILE_EXISTS(D/fifo) -> RETURN_INVALID: Not a regular file."),
    ("f:D/fifo,D/settings", "passed"),
    ("f:D/loop", "Could not resolve the real path of 'D/loop': Too many levels of symbolic links"),
    // To a path that compares by its parts, these two are one.
    ("f:D/settings/", "Could not resolve the real path of 'D/settings/': Not a directory"),
    ("f:D/link -> r:^colour blue$", "passed"),
    ("f:D/settings -> r:^colour", "passed"),
    ("f:D/settings -> r:^COLOUR BLUE$", "passed"),
    ("f:D/settings -> r:^shape", "failed"),
    ("not f:D/settings -> r:^shape", "passed"),
    ("f:D/settings -> !r:^colour", "passed"),
    ("f:D/settings -> r:^colour && !r:blue", "failed"),
    ("f:D/settings -> colour blue", "passed"),
    ("f:D/settings -> n:^size (\\d+) compare <= 5", "passed"),
    ("f:D/settings -> n:^size (\\d+) compare > 5", "failed"),
    ("f:D/missing -> r:x", "Could not open file 'D/missing'"),
    ("not f:D/missing -> r:x", "Could not open file 'D/missing'"),
    ("f:D/missing,D/settings -> r:^colour", "passed"),
    ("f:D/missing,D/settings -> r:^shape", "Could not open file 'D/missing'"),
    ("f:D/empty -> r:x", "failed"),
    ("f:D/empty -> !r:x", "failed"),
    ("d:D/folder", "passed"),
    ("d:D/missing", "failed"),
    ("d:D/settings", "Could not check directory existence for 'D/settings': Not a directory"),
    ("d:D/folder -> b.conf", "passed"),
    ("d:D/folder -> r:^b\\.conf$", "passed"),
    ("d:D/folder -> c.conf", "failed"),
    ("d:D/folder -> r:\\.conf -> r:^in b$", "passed"),
    ("d:D/folder -> r:\\.conf -> r:^in c$", "failed"),
    ("d:D/missing -> r:\\.conf -> r:x", "Could not open dir 'D/missing'"),
    // A name with a comma is looked for in pieces, as the stock agent does.
    ("d:D/comma -> x,y", "failed"),
    ("c:echo blue -> r:^blue$", "passed"),
    ("c:echo blue", "passed"),
    ("c:true -> r:^$", "passed"),
    ("c:sh -c \"exit 127\" -> r:x", "Invalid path or wrong permissions to run command 'sh -c \"exit 127\"'"),
    ("p:r:^\\S", "passed"),
    ("p:nobody has this", "failed"),
];

fn prepare(folder: &Path) {
    fs::write(folder.join("settings"), "colour blue\nsize 5\n").unwrap();
    fs::write(folder.join("empty"), "").unwrap();
    symlink("settings", folder.join("link")).unwrap();
    symlink("loop", folder.join("loop")).unwrap();
    fs::create_dir_all(folder.join("folder/below")).unwrap();
    fs::write(folder.join("folder/below/b.conf"), "in b\n").unwrap();
    fs::create_dir_all(folder.join("comma")).unwrap();
    fs::write(folder.join("comma/x,y"), "").unwrap();
    let fifo = rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.join("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    );
    fifo.unwrap();
}

fn host(cpu_share: Option<CpuShare>) -> Host {
    let config = HostConfig {
        root: "/".into(),
        limits: Limits::DEFAULT,
        launcher: Launcher::Direct,
        skip_nfs: true,
        cpu_share,
    };
    Host::new(config).unwrap()
}

/// All rules, each in a check of its own; the results as they are told, and as they are reported.
fn results(folder: &str, cpu_share: Option<CpuShare>) -> (Vec<CheckReport>, Vec<CheckReport>) {
    let mut text = "policy: {id: t, name: T, file: t.yml, description: d}\nchecks:\n".to_owned();
    for (id, (rule, _)) in (1..).zip(RULES) {
        let rule = serde_json::json!([rule.replace('D', folder)]);
        writeln!(text, "  - {{id: {id}, title: t, condition: all, rules: {rule}}}").unwrap();
    }
    let parsed = parse("t.yml", text.as_bytes(), embedded_catalogue(), Mode::Lenient);
    let policy = parsed.policy.unwrap();
    let mut told = Vec::new();
    let report = scan(&host(cpu_share), &[policy], || Timestamp::EPOCH, &mut |event| {
        if let ScanEvent::Check(_, check) = event {
            told.push(check.clone());
        }
    });
    told.sort_by_key(|check| check.id);
    (told, report.policies.into_iter().flat_map(|policy| policy.checks).collect())
}

#[test]
fn rules_come_to_what_the_stock_agent_says() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let folder = folder.path().display().to_string();
    for share in [None, CpuShare::percent(100)] {
        let (told, reported) = results(&folder, share);
        assert_eq!(told, reported);
        assert_eq!(reported.len(), RULES.len());
        for ((rule, expected), check) in RULES.iter().zip(&reported) {
            let found = check
                .reason
                .as_deref()
                .map_or(check.result.name().to_owned(), |reason| reason.replace(&folder, "D"));
            assert_eq!(&found, expected, "{rule}");
            assert!(!check.evidence.rules.is_empty(), "{rule}");
        }
    }
}
