use rampart_model::{Category, Record};

use super::{SequenceTest, draft::Draft};
use crate::{
    Fault, limit,
    reader::Reader,
    rule::{EventClock, listed, read_event},
    yaml::{Content, Node},
};

/// Reads a correlation's tests; `category` is that of events that do not say.
pub(super) fn read(reader: &mut Reader, draft: &Draft, category: Option<Category>) -> Vec<SequenceTest> {
    let place = draft.origin.place;
    let mut events_left = limit::TEST_EVENTS;
    let mut tests = Vec::new();
    for (expectation, node) in listed(reader, draft.tests.as_ref(), place, Fault::MissingSequences) {
        let Content::List(items) = &node.content else {
            reader.expected(node, "a sequence", "a list of test events");
            continue;
        };
        if items.is_empty() {
            reader.expected(node, "a sequence", "a list of test events");
        }
        let Some(left) = events_left.checked_sub(items.len()) else {
            let bound = limit::TEST_EVENTS as u64;
            reader.note(node.place, Fault::TooMuch { what: "the number of test events", bound });
            break;
        };
        events_left = left;
        if let Some(events) = read_sequence(reader, items, category) {
            tests.push(SequenceTest { expectation, events, place: node.place });
        }
    }
    tests
}

fn read_sequence(reader: &mut Reader, items: &[Node], category: Option<Category>) -> Option<Vec<Record>> {
    let mut clock = EventClock::SEQUENCE;
    let events: Vec<_> = items.iter().map(|node| read_event(reader, node, category, &mut clock)).collect();
    events.into_iter().collect()
}
