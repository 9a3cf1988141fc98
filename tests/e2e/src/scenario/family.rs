use std::collections::BTreeSet;

use serde_json::Value as Json;

/// The events of a process and of all that descend from it.
///
/// They are told by who forked whom, not by the order of the events: those of two processors may come in any.
pub(super) fn of(root: u32, events: &[Json]) -> Vec<&Json> {
    let mut members = BTreeSet::from([u64::from(root)]);
    let mut known = 0;
    while known != members.len() {
        known = members.len();
        let children = events.iter().filter_map(|event| {
            let parent = number(event, "ParentProcessId")?;
            members.contains(&parent).then(|| number(event, "ProcessId"))?
        });
        members = children.chain(members.iter().copied()).collect();
    }
    let belongs = |event: &&Json| number(event, "ProcessId").is_some_and(|pid| members.contains(&pid));
    events.iter().filter(belongs).collect()
}

fn number(event: &Json, field: &str) -> Option<u64> {
    event.get(field)?.as_u64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;

    #[test]
    fn descendants_belong_in_any_order() {
        let event = |pid: u32, parent: u32| json!({"ProcessId": pid, "ParentProcessId": parent});
        let events = [event(30, 20), event(20, 10), event(21, 11), event(10, 1), json!({"ProcessId": 30})];
        let found: Vec<usize> = of(10, &events)
            .iter()
            .filter_map(|event| events.iter().position(|other| std::ptr::eq(*event, other)))
            .collect();
        assert_eq!(found, [0, 1, 3, 4]);
    }
}
