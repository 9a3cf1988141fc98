//! One plausible sample of each thing. Tests change the field that they are about.

use std::sync::Arc;

use rampart_model::{
    Action, Connect, ConnectOutcome, ConnectStage, Container, ContainerRuntime, ControlRef, DescriptorKind,
    Event, EventKind, Exit, Finding, FindingId, Framework, Mount, Namespaces, Process, ProcessKey, RuleRef,
    Severity, Stdio, Subject, Tactic, Technique, Timestamp, Transport, User,
};

/// 2026-01-02T03:04:05Z.
const TIME_NS: i128 = 1_767_323_045_000_000_000;

/// `xmrig -o pool:3333` of user `web`, in a container, started by a shell.
#[must_use]
pub fn process() -> Process {
    let shell = Process {
        key: ProcessKey { pid: 40, start_ns: 1_000_000_000 },
        entity_id: "boot-40-100".into(),
        name: "sh".into(),
        executable: "/bin/sh".into(),
        args: ["sh", "-c", "xmrig"].into_iter().collect(),
        args_truncated: false,
        working_directory: "/".into(),
        user: User { id: 33, name: Some("web".into()) },
        effective_user_id: 33,
        group_id: 33,
        login_user_id: None,
        namespaces: Namespaces { mnt: 1, pid: 2, net: 3, uts: 4, ipc: 5, cgroup: 6, user: 7 },
        cgroup: "/docker/c0ffee".into(),
        container: Some(Arc::new(Container {
            id: "c0ffee".into(),
            runtime: ContainerRuntime::Docker,
            pod_uid: None,
        })),
        stdio: Stdio::default(),
        parent: None,
    };
    Process {
        key: ProcessKey { pid: 41, start_ns: 2_000_000_000 },
        entity_id: "boot-41-200".into(),
        name: "xmrig".into(),
        executable: "/tmp/xmrig".into(),
        args: ["xmrig", "-o", "pool:3333"].into_iter().collect(),
        working_directory: "/tmp".into(),
        stdio: Stdio { stdin: DescriptorKind::Socket, ..Stdio::default() },
        parent: Some(Arc::new(shell.clone())),
        ..shell
    }
}

/// An event of a kind, done by [`process`].
#[must_use]
pub fn event(kind: EventKind) -> Event {
    let action = match kind {
        EventKind::Exec => Action::Exec,
        EventKind::Fork => Action::Fork,
        EventKind::Exit => Action::Exit(Exit { code: 1, signal: None }),
        EventKind::Connect => Action::Connect(Connect {
            transport: Transport::Tcp,
            source: Some(([10, 0, 0, 2], 50_000).into()),
            destination: ([10, 0, 0, 1], 3333).into(),
            outcome: ConnectOutcome::Success,
            stage: ConnectStage::Attempt,
            latency_ns: Some(1_000),
        }),
        EventKind::Mount => Action::Mount(Mount {
            source: "/run/docker.sock".into(),
            target: "/mnt/docker.sock".into(),
            fs_type: "".into(),
            flags: 4096,
            errno: 0,
        }),
    };
    Event { time: Timestamp::from_nanos(TIME_NS), process: Arc::new(process()), thread_id: 41, action }
}

/// A critical rule of T1496 with controls of two frameworks.
#[must_use]
pub fn rule() -> RuleRef {
    let control = |framework, id: &str| ControlRef { framework, id: id.into() };
    RuleRef {
        id: "11111111-2222-4333-8444-555555555555".into(),
        title: "Crypto miner executed".into(),
        description: "A sample.".into(),
        severity: Severity::Critical,
        techniques: [Technique {
            id: "T1496".into(),
            name: "Resource Hijacking".into(),
            tactics: vec![Tactic { id: "TA0040".into(), name: "Impact".into() }],
        }]
        .into(),
        controls: [control(Framework::Nist80053, "si-4"), control(Framework::PciDss, "11.5.1")].into(),
        references: ["https://attack.mitre.org/techniques/T1496/".into()].into(),
    }
}

/// That rule's finding on an exec.
#[must_use]
pub fn finding() -> Finding {
    Finding {
        id: FindingId::random(),
        time: Timestamp::from_nanos(TIME_NS),
        node: "node-1".into(),
        subject: Subject::Runtime { event: Arc::new(event(EventKind::Exec)), rule: Arc::new(rule()) },
    }
}
