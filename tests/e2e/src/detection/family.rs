use std::path::Path;

use serde_json::Value as Json;

/// Deeds that prepare another one: what their own process does is no part of it.
const PREPARING: [&str; 5] =
    [super::IN_CONTAINER, "two-containers", "in-sandbox", "on-terminal", super::SCRIPT];

/// Whether a finding is about a process or one that descends from it.
fn has(root: u32, finding: &Json) -> bool {
    let is_root = |process: &Json| process.get("pid").and_then(Json::as_u64) == Some(u64::from(root));
    let ancestry = finding.pointer("/rampart/ancestry").and_then(Json::as_array);
    finding.get("process").is_some_and(is_root) || ancestry.is_some_and(|all| all.iter().any(is_root))
}

/// Whether it is about the actor preparing the deed.
fn prepares(actor: &Path, finding: &Json) -> bool {
    let executable = finding.pointer("/process/executable").and_then(Json::as_str);
    let word = finding.pointer("/process/args/1").and_then(Json::as_str);
    executable == actor.to_str() && word.is_some_and(|word| PREPARING.contains(&word))
}

/// The findings about a deed, by the actor's process id.
pub(super) fn of<'f>(root: u32, actor: &Path, findings: &'f [Json]) -> Vec<&'f Json> {
    findings.iter().filter(|finding| has(root, finding) && !prepares(actor, finding)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::of;

    #[test]
    fn descendants_belong_and_preparations_do_not() {
        let finding = |pid: u32, ancestor: u32, args: [&str; 2]| {
            json!({
                "process": {"pid": pid, "executable": "/x/actor", "args": args},
                "rampart": {"ancestry": [{"pid": ancestor}, {"pid": 1}]},
            })
        };
        let findings = [
            finding(10, 5, ["/x/actor", "mount"]),
            finding(11, 10, ["/x/actor", "exit"]),
            finding(11, 10, ["/x/actor", "in-sandbox"]),
            finding(12, 9, ["/x/actor", "exit"]),
            json!({"event": {"action": "events_lost"}}),
        ];
        let found = of(10, Path::new("/x/actor"), &findings);
        assert_eq!(found, [&findings[0], &findings[1]]);
    }
}
