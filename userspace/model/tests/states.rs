//! What is told of the host and not of an event: as ECS, and how bad it is.

#![expect(clippy::panic, reason = "a sample that is another is a mistake in the test")]
#![forbid(unsafe_code)]

use rampart_model::{
    FileAttribute, FileAttributes, FileChange, FileChangeKind, Finding, Severity, Subject, Timestamp,
};
use rampart_testkit::sample;
use serde_json::{Value as Json, json};

fn before() -> FileAttributes {
    match sample::file_change().kind {
        FileChangeKind::Modified { before } => *before,
        FileChangeKind::Added | FileChangeKind::Deleted => {
            panic!("the sample is of a file that was modified")
        }
    }
}

fn modified(change: impl FnOnce(&mut FileAttributes)) -> FileChange {
    let mut attributes = before();
    change(&mut attributes);
    let kind = FileChangeKind::Modified { before: Box::new(before()) };
    FileChange { kind, attributes, ..sample::file_change() }
}

fn of_kind(kind: FileChangeKind, mode: u32) -> FileChange {
    FileChange { kind, attributes: FileAttributes { mode, ..before() }, ..sample::file_change() }
}

#[test]
fn a_file_change_is_a_file_event_of_ecs() {
    let change = sample::file_change();
    let json = sample::finding_of(Subject::File(Box::new(change))).to_json();
    for (path, expected) in [
        ("/event/kind", json!("event")),
        ("/event/category", json!(["file"])),
        ("/event/type", json!(["change"])),
        ("/event/action", json!("file_modified")),
        ("/rampart/severity", json!("medium")),
        ("/message", json!("file modified: /etc/passwd (size, mtime, md5, sha1, sha256) by xmrig (pid 41)")),
        ("/file/path", json!("/etc/passwd")),
        ("/file/size", json!(1542)),
        ("/file/mode", json!("0644")),
        ("/file/uid", json!("0")),
        ("/file/owner", json!("root")),
        ("/file/inode", json!("131074")),
        ("/file/mtime", json!("2026-01-02T03:04:05.000000000Z")),
        ("/file/hash/md5", json!("a1".repeat(16))),
        ("/rampart/fim/mode", json!("whodata")),
        ("/rampart/fim/changed", json!(["size", "mtime", "md5", "sha1", "sha256"])),
        ("/rampart/fim/before/size", json!(1500)),
        ("/rampart/fim/tags", json!(["accounts", "critical"])),
        ("/process/pid", json!(41)),
        ("/user/name", json!("web")),
    ] {
        assert_eq!(json.pointer(path).unwrap_or(&Json::Null), &expected, "{path} of {json:#}");
    }
}

#[test]
fn kinds_of_file_changes_have_their_types() {
    for (kind, expected) in [(FileChangeKind::Added, "creation"), (FileChangeKind::Deleted, "deletion")] {
        let change = FileChange { author: None, ..of_kind(kind, 0o644) };
        let json = sample::finding_of(Subject::File(Box::new(change))).to_json();
        assert_eq!(json["event"]["type"], json!([expected]));
        assert_eq!(json.pointer("/rampart/fim/before"), None);
        assert_eq!(json.get("process"), None);
    }
}

#[test]
fn a_new_right_to_be_somebody_else_is_worst() {
    let later = Timestamp::from_nanos(i128::from(u32::MAX) * 1_000_000_000);
    for (change, severity) in [
        (of_kind(FileChangeKind::Added, 0o644), Severity::Low),
        (of_kind(FileChangeKind::Added, 0o4755), Severity::High),
        // With no right to run it, the bit of the group is about locks.
        (of_kind(FileChangeKind::Added, 0o2644), Severity::Low),
        (of_kind(FileChangeKind::Deleted, 0o4755), Severity::Medium),
        (modified(|of| of.mode = 0o2755), Severity::High),
        (modified(|of| of.mode = 0o600), Severity::Medium),
        (modified(|of| of.hashes = None), Severity::Low),
        (modified(|of| of.size += 1), Severity::Medium),
        (modified(|of| of.mtime = later), Severity::Low),
    ] {
        assert_eq!(change.severity(), severity, "{}", change.message());
    }
    let mut both = modified(|of| of.mode = 0o4755);
    both.kind = FileChangeKind::Modified { before: Box::new(FileAttributes { mode: 0o4711, ..before() }) };
    assert_eq!(both.severity(), Severity::Medium, "it has had the right before");
}

#[test]
fn each_attribute_is_told_as_changed() {
    type Change = fn(&mut FileAttributes);
    let changes: [(Change, FileAttribute); 8] = [
        (|of| of.size += 1, FileAttribute::Size),
        (|of| of.mode = 0, FileAttribute::Permission),
        (|of| of.uid += 1, FileAttribute::Uid),
        (|of| of.gid += 1, FileAttribute::Gid),
        (|of| of.user = None, FileAttribute::User),
        (|of| of.group = None, FileAttribute::Group),
        (|of| of.inode += 1, FileAttribute::Inode),
        (|of| of.mtime = Timestamp::EPOCH, FileAttribute::Mtime),
    ];
    for (change, attribute) in changes {
        assert_eq!(modified(change).changed(), [attribute]);
    }
    assert!(modified(|_| {}).changed().is_empty());
}

#[test]
fn permissions_are_written_as_by_ls() {
    for (mode, expected) in [
        (0o644, "rw-r--r--"),
        (0o000, "---------"),
        (0o4755, "rwsr-xr-x"),
        (0o2674, "rw-rwsr--"),
        (0o7000, "--S--S--T"),
        (0o1777, "rwxrwxrwt"),
    ] {
        assert_eq!(FileAttributes { mode, ..before() }.permissions(), expected, "{mode:o}");
    }
}

#[test]
fn every_state_has_a_message_and_an_action() {
    for finding in sample::state_findings() {
        let json = finding.to_json();
        assert!(!finding.message().is_empty());
        assert_eq!(json["message"], json!(finding.message()));
        assert!(json["event"]["action"].is_string(), "{json:#}");
    }
}

#[test]
fn a_scan_tells_its_score() {
    let scan = sample::policy_scan();
    assert!((scan.score() - 66.666_666).abs() < 0.001);
    let none = rampart_model::PolicyScan { passed: 0, failed: 0, ..scan };
    assert!(none.score().abs() < f64::EPSILON);
    let finding: Vec<Finding> = sample::state_findings();
    let scanned =
        finding.iter().map(Finding::to_json).find(|json| json["event"]["action"] == "policy_scanned");
    assert_eq!(scanned.unwrap()["event"]["end"], "2026-01-02T03:04:12.000000000Z");
}

#[test]
fn seconds_are_rounded_down() {
    for (nanos, seconds) in [(0, 0), (1_999_999_999, 1), (-1, -1)] {
        assert_eq!(Timestamp::from_nanos(nanos).as_seconds(), seconds);
    }
}
