use std::sync::Arc;

use rampart_model::{Context, EventKind, Finding, Process, RuleRef, Subject};
use rampart_testkit::sample;

/// So many there are.
pub(crate) const COUNT: u64 = 12;

/// The one that a choosy destination refuses.
pub(crate) const POISONED: u64 = 9;

/// What makes it so.
pub(crate) const POISON: &str = "poison";

const MARK: &str = "number-";

/// The finding of a number: one has control characters and bytes that are no text in it, one is huge, one is poisoned.
pub(crate) fn finding(number: u64) -> Finding {
    let argument = match number {
        3 => "\0\x1b[2J\r\n\u{fffd}\u{202e}\"\\]<!channel>\u{1f512}".to_owned(),
        10 => "\u{1f512}\n".repeat(40_000),
        POISONED => POISON.to_owned(),
        _ => "argument".to_owned(),
    };
    let mut event = sample::event(EventKind::Exec);
    let args = ["xmrig", &argument].into_iter().collect();
    event.process = Arc::new(Process { args, ..sample::script() });
    let title = format!("{MARK}{number:04}").into();
    let rule = Arc::new(RuleRef { title, ..sample::rule() });
    let subject = Subject::Runtime { event: Arc::new(event), rule, context: Context::default() };
    Finding { subject, ..sample::finding() }
}

/// The numbers of the findings that are in there, in order; a finding has its number in it more than once.
pub(crate) fn numbers(arrived: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(arrived);
    let digits = |at: usize| text.get(at + MARK.len()..at + MARK.len() + 4)?.parse().ok();
    let mut numbers: Vec<u64> = text.match_indices(MARK).filter_map(|(at, _)| digits(at)).collect();
    numbers.dedup();
    numbers
}
