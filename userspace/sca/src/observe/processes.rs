use rampart_model::Timestamp;

use crate::{Content, LineVerdict, host::Host, observation::ProcessesSeen, plan::Contents};

/// One walk of /proc. A process counts as found also where the pattern cannot be decided on its name, as for the stock
/// agent.
pub(super) fn observe(host: &Host, contents: &Contents, at: Timestamp) -> ProcessesSeen {
    let (processes, fault) = match host.processes() {
        Ok(processes) => (processes, None),
        Err(error) => (Vec::new(), Some(error.to_string().into())),
    };
    let first = |content: &Content| {
        processes.iter().find(|process| !matches!(content.test(&process.name), LineVerdict::NoMatch))
    };
    let matches = contents
        .iter()
        .map(|(id, content)| (*id, first(content).map(|process| (process.pid, process.name.clone()))))
        .collect();
    ProcessesSeen { fault, count: processes.len(), matches, at }
}
