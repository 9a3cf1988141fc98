use std::{collections::BTreeMap, sync::Arc};

use rampart_model::Timestamp;

use super::matching::{excerpt, in_output};
use crate::{
    Content, RuleOutcome,
    host::Host,
    observation::{CommandSeen, Match},
    plan::Contents,
};

pub(super) fn observe(
    host: &Host,
    line: &str,
    contents: &Contents,
    at: Timestamp,
) -> CommandSeen {
    let ran = host.run(line);
    let fault = ran.fault();
    let matches = contents.iter().map(|(id, content)| {
        let found = match &fault {
            Some(reason) => Match { outcome: RuleOutcome::Invalid(Arc::clone(reason)), line: None },
            None => in_output(content, ran.lines()),
        };
        (*id, found)
    });
    let matches = matches.collect();
    let first_line = (1..).zip(ran.lines()).find(|(_, line)| !line.is_empty());
    CommandSeen {
        fault,
        exit_code: ran.exit_code(),
        first_line: first_line.map(|(number, line)| excerpt(number, line)),
        matches,
        took: ran.took,
        at,
    }
}
