//! What is told of the host itself.

use std::sync::Arc;

use rampart_model::{
    Assessment, CheckChange, CheckDetail, CheckResult, ControlRef, EventKind, FileAttributes, FileChange,
    FileChangeKind, FileChangeMode, FileHashes, Finding, Framework, Health, LookedAt, Phase, PolicyRef,
    PolicyScan, PolicySnapshot, Subject, Target, Timestamp,
};

use super::{TIME_NS, finding, process, rule};

fn at(second: i128) -> Timestamp {
    Timestamp::from_nanos(TIME_NS + second * 1_000_000_000)
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Arc<str>> {
    texts.map(Arc::from).into()
}

/// Any subject as a finding.
#[must_use]
pub fn finding_of(subject: Subject) -> Finding {
    Finding { subject, ..finding() }
}

/// A check about sshd that failed and had passed before.
#[must_use]
pub fn check_change() -> CheckChange {
    CheckChange {
        policy: PolicyRef { id: "cis_linux".into(), name: "CIS Linux".into() },
        scan: 1_234_567,
        check: 28_500,
        title: "No login as root".into(),
        result: CheckResult::Failed,
        previous: Some(CheckResult::Passed),
        because: "expected no such line; there: line 3 `PermitRootLogin yes`".into(),
        remediation: Some("Set PermitRootLogin to no.".into()),
        techniques: [].into(),
        controls: [ControlRef { framework: Framework::CisLinux, id: "5.2.8".into() }].into(),
        detail: Arc::new(CheckDetail {
            description: Some("Root logs in by another account.".into()),
            rationale: Some("Who it was is then known.".into()),
            condition: "all".into(),
            rules: texts(["f:/etc/ssh/sshd_config", "not c:sshd -T -> r:^permitrootlogin yes"]),
            compliance: [
                ("cis_linux".into(), texts(["5.2.8"])),
                ("nist_800_53".into(), texts(["AC-6", "IA-2"])),
            ]
            .into(),
            references: texts(["https://example.com/a", "https://example.com/b"]),
            looked_at: LookedAt {
                files: texts(["/etc/ssh/sshd_config"]),
                commands: texts(["sshd -T"]),
                ..LookedAt::default()
            },
        }),
    }
}

/// A policy with two checks that passed, one that failed and one that does not apply.
#[must_use]
pub fn policy_scan() -> PolicyScan {
    PolicyScan {
        policy: check_change().policy,
        scan: 1_234_567,
        first: false,
        file: "cis_linux.yml".into(),
        description: "How Linux should be set up.".into(),
        references: texts(["https://example.com/cis"]).into(),
        passed: 2,
        failed: 1,
        not_applicable: 1,
        started: at(0),
        ended: at(7),
        hash: "ab".repeat(32).into(),
        file_hash: "cd".repeat(32).into(),
    }
}

/// That policy with [`check_change`]'s check as it stands.
#[must_use]
pub fn policy_snapshot() -> PolicySnapshot {
    PolicySnapshot { scan: policy_scan(), checks: vec![check_change().state()] }
}

/// /etc/passwd with another line, by [`process`].
#[must_use]
pub fn file_change() -> FileChange {
    let before = FileAttributes {
        size: 1500,
        mode: 0o644,
        uid: 0,
        gid: 0,
        user: Some("root".into()),
        group: Some("root".into()),
        inode: 131_074,
        mtime: at(-3600),
        hashes: Some(FileHashes { md5: [1; 16], sha1: [2; 20], sha256: [3; 32] }),
    };
    let attributes = FileAttributes {
        size: 1542,
        mtime: at(0),
        hashes: Some(FileHashes { md5: [0xa1; 16], sha1: [0xb2; 20], sha256: [0xc3; 32] }),
        ..before.clone()
    };
    FileChange {
        path: "/etc/passwd".into(),
        kind: FileChangeKind::Modified { before: Box::new(before) },
        mode: FileChangeMode::Whodata,
        attributes,
        author: Some(Arc::new(process())),
        tags: texts(["accounts", "critical"]).into(),
    }
}

/// Reports of rampart on itself, one of each.
#[must_use]
pub fn health() -> Vec<Health> {
    let (began, ended) = (Phase::Began { count: 3 }, Phase::Ended { count: 9, seconds: 5 });
    vec![
        Health::RuleRefused { error: "a.yml:3:1: no title".into() },
        Health::ReloadRefused { error: "a.yml:3:1: no title".into() },
        Health::EventsLost { kind: EventKind::Exec, stage: "ring", phase: began },
        Health::FindingsLimited { rule: Arc::new(rule()), phase: ended },
        Health::ExceptionExpired { title: "Backup".into(), owner: Some("ops".into()), expired: at(0) },
        Health::FindingsDropped { sink: "wazuh".into(), phase: began },
        Health::SpoolUnavailable { error: "no space left on device".into(), phase: ended },
        Health::ModuleEnded { module: "sca", error: "it is gone".into() },
        Health::EventsSummarised {
            process: Target::Process(Arc::new(process())),
            kind: EventKind::File,
            phase: began,
        },
    ]
}

/// Findings that are not about an event, of every kind.
#[must_use]
pub fn state_findings() -> Vec<Finding> {
    let assessments = [
        Assessment::Changed(check_change()),
        Assessment::Scanned(policy_scan()),
        Assessment::Skipped { policy: check_change().policy, reason: "no kubelet".into() },
    ];
    let assessments = assessments.map(|assessment| Subject::Assessment(Box::new(assessment)));
    let subjects = assessments.into_iter().chain(health().into_iter().map(Subject::Health));
    subjects.chain([Subject::File(Box::new(file_change()))]).map(finding_of).collect()
}
