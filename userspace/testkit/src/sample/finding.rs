use std::sync::Arc;

use rampart_model::{
    Completeness, Context, ControlRef, EventKind, Finding, FindingId, Framework, RuleRef, Severity, Subject,
    Tactic, Technique, Timestamp,
};

use super::{TIME_NS, event};

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
        subject: Subject::Runtime {
            event: Arc::new(event(EventKind::Exec)),
            rule: Arc::new(rule()),
            context: Context::default(),
        },
    }
}

/// The same, saying how much it knows of its pod.
#[must_use]
pub fn finding_known(completeness: Completeness) -> Finding {
    let context = Context { completeness, ..Context::default() };
    let (event, rule) = (Arc::new(event(EventKind::Exec)), Arc::new(rule()));
    Finding { subject: Subject::Runtime { event, rule, context }, ..finding() }
}
