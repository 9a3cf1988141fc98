//! What a report says of a check beyond its result.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::fs;

use rampart_model::{CheckDetail, Timestamp};
use rampart_policy::{Mode, embedded_catalogue};
use rampart_sca::{
    ScanReport,
    host::{Host, HostConfig, Launcher, Limits},
    parse, scan,
};

const POLICY: &str = r#"
policy: { id: t, name: T, file: t.yml, description: What it is, references: [https://example.com/t] }
variables: { $there: FOLDER/there }
checks:
  - id: 1
    title: All
    description: More of it.
    rationale: Because.
    references: [https://example.com/a, https://example.com/b]
    compliance: [{ cis: ["1.1", "1.2"] }, { hipaa: ["164.312(b)"] }]
    condition: all
    rules: ["f:$there,FOLDER/other", "f:$there -> r:x", "f:FOLDER/missing", "c:true -> r:x"]
  - id: 2
    title: Any
    condition: any
    rules: ["c:echo a b -> r:^c", "p:r:no such", "d:FOLDER/none,FOLDER", "d:FOLDER"]
"#;

fn report() -> (String, ScanReport) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("there"), "x\n").unwrap();
    let path = folder.path().display().to_string();
    let text = POLICY.replace("FOLDER", &path);
    let policy = parse("t.yml", text.as_bytes(), embedded_catalogue(), Mode::Lenient).policy.unwrap();
    let config = HostConfig {
        root: "/".into(),
        limits: Limits::DEFAULT,
        launcher: Launcher::Direct,
        skip_nfs: true,
        cpu_share: None,
    };
    let report = scan(&Host::new(config).unwrap(), &[policy], || Timestamp::EPOCH, &mut |_| {});
    (path, report)
}

fn detail(report: &ScanReport, check: usize) -> CheckDetail {
    report.policies[0].checks[check].detail.as_deref().unwrap().clone()
}

#[test]
fn what_was_looked_at_ends_where_the_result_stands() {
    let (folder, report) = report();
    let told = |of: &[std::sync::Arc<str>]| of.join(" ").replace(&folder, "D");
    for (check, files, folders, processes, commands) in
        [(0, "D/there D/other D/missing", "", "", ""), (1, "", "D/none D", "r:no such", "echo a b")]
    {
        let looked_at = detail(&report, check).looked_at;
        assert_eq!(told(&looked_at.files), files);
        assert_eq!(told(&looked_at.folders), folders);
        assert_eq!(told(&looked_at.processes), processes);
        assert_eq!(told(&looked_at.commands), commands);
    }
}

#[test]
fn a_detail_is_what_the_policy_says() {
    let (folder, report) = report();
    let all = detail(&report, 0);
    assert_eq!(all.description.as_deref(), Some("More of it."));
    assert_eq!(all.rationale.as_deref(), Some("Because."));
    assert_eq!(&*all.condition, "all");
    assert_eq!(all.references.len(), 2);
    assert_eq!(all.compliance, report.policies[0].checks[0].compliance);
    assert_eq!(&*all.rules[1], format!("f:{folder}/there -> r:x"), "variables are replaced");
    let policy = &report.policies[0];
    let said = (&*policy.file, &*policy.description, &*policy.references[0]);
    assert_eq!(said, ("t.yml", "What it is", "https://example.com/t"));
}

/// What the agent gets from its scanner is the same; what people read is without.
#[test]
fn details_go_along_and_can_be_left_out() {
    let (_, mut report) = report();
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ScanReport>(&text).unwrap(), report);
    report.leave_out_details();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json.pointer("/policies/0/checks/0/detail"), None);
    assert!(json.pointer("/policies/0/checks/0/compliance").is_some());
}
