//! Plausible samples of each thing. Tests change the field that they are about.

mod call;
mod finding;
mod process;
mod state;

use std::sync::Arc;

use rampart_model::{
    Action, Connect, ConnectOutcome, ConnectStage, CpuUsage, Event, EventKind, Exit, Timestamp, Transport,
};

pub use self::{
    finding::{finding, finding_known, rule},
    process::{process, script},
    state::{check_change, file_change, finding_of, health, policy_scan, policy_snapshot, state_findings},
};

/// 2026-01-02T03:04:05Z.
const TIME_NS: i128 = 1_767_323_045_000_000_000;

/// An event of a kind, done by [`process`]: the first that [`events`] has of it.
///
/// # Panics
/// When there is no sample of the kind.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "a kind without a sample is a mistake in this crate, and a test of it fails"
)]
pub fn event(kind: EventKind) -> Event {
    events(kind).into_iter().next().expect("a sample of every kind")
}

/// Events of a kind: each operation, outcome and kind of value that it can have, at least once.
#[must_use]
pub fn events(kind: EventKind) -> Vec<Event> {
    let processes = match kind {
        EventKind::Exec => vec![process(), script()],
        _ => vec![process()],
    };
    let events = processes.into_iter().flat_map(|process| {
        let process = Arc::new(process);
        let by = move |action| Event {
            time: Timestamp::from_nanos(TIME_NS),
            thread_id: process.key.pid,
            process: Arc::clone(&process),
            action,
        };
        actions(kind).into_iter().map(by)
    });
    events.collect()
}

/// [`events`] of every kind.
#[must_use]
pub fn all_events() -> Vec<Event> {
    EventKind::ALL.into_iter().flat_map(events).collect()
}

fn actions(kind: EventKind) -> Vec<Action> {
    match kind {
        EventKind::Exec => vec![Action::Exec],
        EventKind::Fork => vec![Action::Fork],
        EventKind::Exit => vec![
            Action::Exit(Exit { code: 1, signal: None }),
            Action::Exit(Exit { code: 0, signal: Some(9) }),
        ],
        EventKind::Connect => connects().map(Action::Connect).into(),
        EventKind::Cpu => vec![Action::Cpu(CpuUsage { percent: 198, seconds: 65 })],
        EventKind::Mount
        | EventKind::ExecFailed
        | EventKind::Socket
        | EventKind::Namespace
        | EventKind::File
        | EventKind::Descriptor
        | EventKind::Access
        | EventKind::Memfd
        | EventKind::Module
        | EventKind::Bpf
        | EventKind::Credentials
        | EventKind::Signal
        | EventKind::IoUring => call::calls(kind).into_iter().map(Action::Call).collect(),
    }
}

/// One that succeeds, and one that is refused some time after it has begun.
fn connects() -> [Connect; 2] {
    let success = Connect {
        transport: Transport::Tcp,
        source: Some(([10, 0, 0, 2], 50_000).into()),
        destination: ([10, 0, 0, 1], 3333).into(),
        outcome: ConnectOutcome::Success,
        stage: ConnectStage::Attempt,
        latency_ns: Some(1_000),
    };
    let refused = Connect {
        source: None,
        destination: ([0xfd00, 0, 0, 0, 0, 0, 0, 1], 443).into(),
        outcome: ConnectOutcome::Refused,
        stage: ConnectStage::Resolution,
        ..success
    };
    [success, refused]
}
