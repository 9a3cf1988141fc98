use rampart_bus::Encode;
use rampart_model::{Finding, Subject};
use serde::Serialize;
use serde_json::Value as Json;

use super::{cut::cut, ecs, fim, sca};

/// Longest message, in bytes, with its queue and location: managers take 65,536 with what they put before it themselves.
pub const MESSAGE_BYTES: usize = 65_536 - 128;

/// Findings as the messages of an agent of Wazuh 4.x, before they are sealed.
///
/// A finding of an event or of rampart's own health is the ECS document under one name, so that none of its fields is taken
/// for one of the manager's own: `1:rampart:{"rampart":{…}}`. What ECS lacks, and elsewhere is under `rampart`, stands beside the
/// rest: `rampart.severity`, `rampart.rule.id`, `rampart.controls.pci_dss`.
///
/// A message is one line of at most [`MESSAGE_BYTES`]. Of one that would be longer first strings are cut, to 4,096, 1,024 and
/// 256 bytes; then ancestors are left out, the farthest first; then halves of the longest lists; at last all but what says when,
/// where and by which rule. `rampart.truncated` is then `true`.
#[derive(Debug, Clone, Copy, Default)]
pub struct WazuhEncoder;

impl Encode for WazuhEncoder {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        let message = match &finding.subject {
            Subject::Runtime { .. } | Subject::Health(_) => ecs::message(finding),
            Subject::Assessment(assessment) => sca::message(assessment),
            Subject::File(change) => fim::message(change, finding.time),
        };
        message.map(Vec::into_boxed_slice)
    }

    /// By results of scans the manager keeps up with how all policies stand; what of it is an alert its own rules decide.
    fn is_needed(&self, finding: &Finding) -> bool {
        matches!(finding.subject, Subject::Assessment(_))
    }
}

/// A message that fits. What to do where it would not, and all strings are cut, is for `essentials` to say: it leaves out
/// what is not needed.
pub(super) fn fitted(prefix: &str, value: &impl Serialize, essentials: fn(&mut Json)) -> Option<Vec<u8>> {
    let whole = message(prefix, value)?;
    if whole.len() <= MESSAGE_BYTES {
        return Some(whole);
    }
    let mut json = serde_json::to_value(value).ok()?;
    cut(&mut json, MESSAGE_BYTES - prefix.len(), essentials);
    message(prefix, &json)
}

/// A message as long as it gets.
pub(super) fn message(prefix: &str, value: &impl Serialize) -> Option<Vec<u8>> {
    let mut out = prefix.as_bytes().to_vec();
    // Texts, numbers, lists and maps by text can always be written.
    serde_json::to_writer(&mut out, value).ok()?;
    Some(out)
}
