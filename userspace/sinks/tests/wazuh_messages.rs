//! What becomes of findings on their way to Wazuh's manager, key for key; `wazuh/*.json` has what is expected.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::{fs, sync::Arc, time::Duration};

use rampart_bus::Encode as _;
use rampart_model::{
    Assessment, CheckChange, CheckDetail, CheckResult, FileAttributes, FileChange, FileChangeKind,
    FileChangeMode, LookedAt, PolicyRef, PolicyScan, PolicySnapshot, Subject,
};
use rampart_sinks::wazuh::{Snapshots, WazuhEncoder};
use rampart_testkit::sample;
use rampart_wazuh::Step;
use serde_json::Value as Json;

const SCA: &str = "p:sca:";
const SYSCHECK: &str = "8:syscheck:";

/// The JSON behind a prefix; the rest is that it is one line.
fn json(message: &[u8], prefix: &str) -> Json {
    let text = std::str::from_utf8(message).unwrap();
    assert!(!text.contains('\n'), "{text}");
    serde_json::from_str(text.strip_prefix(prefix).unwrap()).unwrap()
}

fn assert_is(message: &[u8], prefix: &str, name: &str) {
    let path = format!("{}/tests/wazuh/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let expected: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let found = json(message, prefix);
    assert_eq!(found, expected, "{name} is {found:#}");
}

fn encoded(subject: Subject) -> Option<Box<[u8]>> {
    let finding = sample::finding_of(subject);
    let message = WazuhEncoder.encode(&finding);
    assert_eq!(message, WazuhEncoder.encode(&finding), "the same finding, the same bytes");
    message
}

fn assessment(assessment: Assessment) -> Option<Box<[u8]>> {
    encoded(Subject::Assessment(Box::new(assessment)))
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Arc<str>> {
    texts.map(Arc::from).into()
}

fn spare_check() -> CheckChange {
    let detail = CheckDetail {
        condition: "none".into(),
        rules: texts(["d:/etc/cron.d,/etc/cron.daily", "p:r:^xmrig"]),
        looked_at: LookedAt {
            folders: texts(["/etc/cron.d", "/etc/cron.daily"]),
            processes: texts(["r:^xmrig"]),
            ..LookedAt::default()
        },
        ..CheckDetail::default()
    };
    let (remediation, result, detail) = (None, CheckResult::Passed, Arc::new(detail));
    CheckChange { remediation, result, detail, ..sample::check_change() }
}

/// The sample with a score that is the same however it is computed.
fn scan() -> PolicyScan {
    PolicyScan { passed: 3, ..sample::policy_scan() }
}

#[test]
fn results_are_in_the_managers_own_form() {
    let reason = "Could not open file '/etc/ssh/sshd_config'".into();
    let not_applicable =
        CheckChange { result: CheckResult::NotApplicable, because: reason, ..sample::check_change() };
    for (told, name) in [
        (Assessment::Changed(sample::check_change()), "check_failed"),
        (Assessment::Changed(spare_check()), "check_passed"),
        (Assessment::Changed(not_applicable), "check_not_applicable"),
        (Assessment::Scanned(scan()), "summary"),
        (Assessment::Scanned(PolicyScan { first: true, ..scan() }), "summary_first"),
    ] {
        assert_is(&assessment(told).unwrap(), SCA, name);
    }
}

#[test]
fn of_a_policy_that_does_not_apply_a_manager_hears_nothing() {
    let policy = sample::check_change().policy;
    assert_eq!(assessment(Assessment::Skipped { policy, reason: "no kubelet".into() }), None);
}

#[test]
fn changes_of_files_are_in_the_managers_own_form() {
    let sample = sample::file_change();
    let plain = FileChange { author: None, tags: [].into(), ..sample.clone() };
    let added = FileChange {
        path: rampart_model::text(b"/etc/a\xff \"b\""),
        kind: FileChangeKind::Added,
        mode: FileChangeMode::Realtime,
        ..plain.clone()
    };
    let deleted = FileChange {
        kind: FileChangeKind::Deleted,
        mode: FileChangeMode::Scheduled,
        attributes: FileAttributes {
            mode: 0o4750,
            uid: 4_000_000_000,
            gid: 7,
            user: None,
            group: None,
            hashes: None,
            ..sample.attributes
        },
        ..plain
    };
    for (change, name) in [(sample, "file_modified"), (added, "file_added"), (deleted, "file_deleted")] {
        assert_is(&encoded(Subject::File(Box::new(change))).unwrap(), SYSCHECK, name);
    }
}

#[test]
fn a_file_in_which_nothing_is_different_is_no_message() {
    let mut change = sample::file_change();
    change.kind = FileChangeKind::Modified { before: Box::new(change.attributes.clone()) };
    assert_eq!(encoded(Subject::File(Box::new(change))), None);
}

/// Who it was is named as far as it is known for certain.
#[test]
fn names_of_users_are_those_of_their_ids() {
    let change = FileChange { author: Some(Arc::new(sample::script())), ..sample::file_change() };
    let message = json(&encoded(Subject::File(Box::new(change))).unwrap(), SYSCHECK);
    let audit = message.pointer("/data/audit").unwrap();
    for (name, expected) in [("user_id", "1000"), ("audit_uid", "1000"), ("effective_uid", "0")] {
        assert_eq!(audit.get(name).unwrap(), expected);
    }
    for name in ["user_name", "audit_name", "effective_name", "group_name", "ppid"] {
        assert_eq!(audit.get(name), None, "{name}");
    }
}

#[test]
fn events_and_health_are_json_under_one_name() {
    let of_health = sample::health().into_iter().map(|health| sample::finding_of(Subject::Health(health)));
    for finding in of_health.chain([sample::finding()]) {
        let message = WazuhEncoder.encode(&finding).unwrap();
        let text = std::str::from_utf8(&message).unwrap();
        assert!(text.starts_with(r#"1:rampart:{"rampart""#), "{text}");
        let json = json(&message, "1:rampart:");
        assert_eq!(json.as_object().unwrap().len(), 1);
        assert_eq!(json.pointer("/rampart/message").unwrap(), &finding.message());
    }
}

fn snapshots() -> Snapshots {
    let snapshots = Snapshots::default();
    let other = PolicyRef { id: "runtime_threats".into(), name: "Threats".into() };
    let other = PolicyScan { policy: other, ..scan() };
    let published = [
        PolicySnapshot { scan: scan(), ..sample::policy_snapshot() },
        PolicySnapshot { scan: other, checks: Vec::new() },
    ];
    snapshots.publish(published.map(Arc::new).into());
    snapshots
}

#[test]
fn a_manager_that_asks_gets_all_of_a_policy() {
    for first in [false, true] {
        let steps = snapshots().sca_dump("cis_linux", first);
        let [Step::Event(check), Step::Pause(long), Step::Event(end), Step::Pause(short), rest @ ..] =
            &*steps
        else {
            panic!("{steps:?}")
        };
        assert_is(check, SCA, "check_failed");
        assert_is(end, SCA, "dump_end");
        assert_eq!((*long, *short), (Duration::from_secs(5), Duration::from_secs(2)));
        match rest {
            [] => assert!(!first),
            [Step::Event(summary)] => {
                assert!(first);
                assert_is(summary, SCA, "summary_asked");
            }
            _ => panic!("{rest:?}"),
        }
    }
}

#[test]
fn policies_that_are_not_known_are_counted() {
    let (snapshots, before_a_scan) = (snapshots(), Snapshots::default());
    for (of, policy) in [(&snapshots, "cis"), (&snapshots, ""), (&before_a_scan, "cis_linux")] {
        assert_eq!(of.sca_dump(policy, true), []);
    }
    assert_eq!((snapshots.unknown(), before_a_scan.unknown()), (2, 1));
}

#[tokio::test]
async fn a_manager_hears_which_policies_there_are_after_each_scan() {
    let snapshots = snapshots();
    let mut changes = snapshots.subscribe();
    assert_is(&snapshots.policies().unwrap(), SCA, "policies");
    assert_eq!(Snapshots::default().policies(), None, "before the first scan nothing is forgotten");
    let clone = snapshots.clone();
    clone.publish(Vec::new());
    changes.changed().await.unwrap();
    assert_eq!(&*snapshots.policies().unwrap(), br#"p:sca:{"type":"policies","policies":[]}"#);
    let many = (0..9000).map(|number| {
        let policy = PolicyRef { id: format!("policy{number}").into(), name: "P".into() };
        Arc::new(PolicySnapshot { scan: PolicyScan { policy, ..scan() }, checks: Vec::new() })
    });
    snapshots.publish(many.collect());
    assert_eq!(snapshots.policies(), None, "a list that is cut would make the manager forget");
}
