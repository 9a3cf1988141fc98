use std::path::Path;

use rampart_model::Timestamp;

use super::matching::FileMatching;
use crate::{
    Content, RuleOutcome,
    host::{Existence, Host},
    observation::FileSeen,
    plan::Contents,
};

/// One look at whether it is there; one opening, if it is and somebody asks for what is in it.
pub(super) fn observe(
    host: &Host,
    path: &Path,
    contents: &Contents,
    at: Timestamp,
) -> FileSeen {
    let (existence, facts) = match host.existence(path) {
        Existence::File(facts) => (RuleOutcome::Found, Some(facts)),
        Existence::Missing => (RuleOutcome::NotFound, None),
        Existence::Invalid(reason) => (RuleOutcome::Invalid(reason), None),
    };
    let mut matching = FileMatching::new(contents);
    let rest = if existence != RuleOutcome::Found {
        // Whatever it is that stands in the way: the stock agent says no more.
        RuleOutcome::Invalid(format!("Could not open file '{}'", path.display()).into())
    } else if contents.is_empty() {
        RuleOutcome::NotFound
    } else {
        match host.read_lines(path, &mut |line| matching.line(line)) {
            Ok(_) => RuleOutcome::NotFound,
            Err(fault) => RuleOutcome::Invalid(fault.reason(path)),
        }
    };
    FileSeen { existence, facts, lines: matching.lines, matches: matching.finish(&rest), at }
}
