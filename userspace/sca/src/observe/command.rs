use std::sync::Arc;

use rampart_model::Timestamp;

use super::matching::{excerpt, in_output};
use crate::{
    RuleOutcome,
    host::{Ending, Host},
    observation::{CommandSeen, Match},
    plan::Contents,
};

pub(super) fn observe(host: &Host, line: &str, contents: &Contents, at: Timestamp) -> CommandSeen {
    let ran = host.run(line);
    let (fault, exit_code) = match &ran.ending {
        Ok(Ending::Exited(code)) => (None, Some(*code)),
        Ok(Ending::Killed(_)) => (None, None),
        Err(fault) => (Some(Arc::<str>::from(fault.to_string())), None),
    };
    let matches = contents.iter().map(|(id, content)| {
        let found = match &fault {
            Some(reason) => Match { outcome: RuleOutcome::Invalid(Arc::clone(reason)), line: None },
            None => in_output(content, ran.lines()),
        };
        (*id, found)
    });
    let matches = matches.collect();
    let first_line = (1..).zip(ran.lines()).find(|(_, line)| !line.is_empty());
    let first_line = first_line.map(|(number, line)| excerpt(number, &line));
    CommandSeen { exit_code, first_line, matches, took: ran.ran, at }
}
