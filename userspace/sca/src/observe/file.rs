use std::path::Path;

use rampart_model::Timestamp;

use super::matching::FileMatching;
use crate::{
    RuleOutcome,
    host::{Existence, FileFault, Host},
    observation::FileSeen,
    plan::Contents,
};

/// One look at whether it is there; one opening, if it is and somebody asks for what is in it.
pub(super) fn observe(host: &Host, path: &Path, contents: &Contents, at: Timestamp) -> FileSeen {
    let (existence, facts, fault) = match host.existence(path) {
        Existence::Present(facts) => (RuleOutcome::Found, Some(facts), None),
        Existence::Missing => {
            (RuleOutcome::NotFound, None, Some(FileFault::Missing { path: path.to_owned() }))
        }
        Existence::Invalid(fault) => (RuleOutcome::Invalid(fault.to_string().into()), None, Some(fault)),
    };
    let mut matching = FileMatching::new(contents);
    let fault = match fault {
        None if contents.is_empty() => None,
        None => host.read_lines(path, &mut |line| matching.line(line)).err(),
        fault => fault,
    };
    let rest = fault.map_or(RuleOutcome::NotFound, |fault| RuleOutcome::Invalid(fault.to_string().into()));
    FileSeen { existence, facts, matches: matching.finish(&rest), at }
}
