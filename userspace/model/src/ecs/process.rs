use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::put;
use crate::{Container, Pod, Process};

/// Longest list of ancestors in a finding, nearest first.
const ANCESTRY: usize = 16;

/// Longest command line of one of them, in bytes: a script that somebody gave to a shell is not told again with all that
/// happens below it. That of the process itself and of its parent is whole.
const ANCESTOR_COMMAND_LINE: usize = 1024;

/// Who did it.
pub(super) fn process(out: &mut Map<String, Json>, process: &Process, thread_id: u32) {
    let mut own = program(process);
    put(&mut own, "thread.id", json!(thread_id));
    put(&mut own, "working_directory", json!(process.working_directory));
    put(&mut own, "args_count", json!(process.args.iter().count()));
    if process.inner_pid != 0 {
        put(&mut own, "vpid", json!(process.inner_pid));
    }
    if let Some(parent) = &process.parent {
        own.insert("parent".to_owned(), Json::Object(program(parent)));
    }
    out.insert("process".to_owned(), Json::Object(own));
    user(out, process);
    put(out, "user.effective.id", json!(process.effective_user_id.to_string()));
    put(out, "group.id", json!(process.group_id.to_string()));

    let ancestry: Vec<_> = process.ancestors().take(ANCESTRY).map(ancestor).collect();
    put(out, "rampart.ancestry", json!(ancestry));
    if let Some(login) = process.login_user_id {
        put(out, "rampart.login_user.id", json!(login.to_string()));
    }
    if process.args_truncated {
        put(out, "rampart.truncated", json!(["process.args"]));
    }
    image(out, process);
    let spaces = process.namespaces;
    put(
        out,
        "rampart.namespaces",
        json!({ "mnt": spaces.mnt, "pid": spaces.pid, "net": spaces.net, "user": spaces.user }),
    );
    put(out, "rampart.cgroup", json!(process.cgroup));
    if let Some(container) = &process.container {
        self::container(out, container);
    }
}

/// What is remarkable about the program file.
fn image(out: &mut Map<String, Json>, process: &Process) {
    if let (Some(script), Some(interpreter)) = (&process.script, process.interpreter()) {
        put(out, "rampart.script", json!({ "path": script, "interpreter": interpreter }));
    }
    let traits = process.traits;
    let marks = [("deleted", traits.deleted), ("memfd", traits.memfd), ("upper_layer", traits.upper_layer)];
    let marks: Vec<_> = marks.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect();
    if !marks.is_empty() {
        put(out, "rampart.executable", json!(marks));
    }
}

fn container(out: &mut Map<String, Json>, container: &Container) {
    put(out, "container.id", json!(container.id));
    put(out, "container.runtime", json!(container.runtime));
    for (path, text) in [("container.name", &container.name), ("container.image.name", &container.image)] {
        if let Some(text) = text {
            put(out, path, json!(text));
        }
    }
    if let Some(digest) = &container.image_digest {
        put(out, "container.image.hash.all", json!([digest]));
    }
    if let Some(pod) = &container.pod {
        self::pod(out, pod);
    }
}

fn pod(out: &mut Map<String, Json>, pod: &Pod) {
    put(out, "orchestrator.type", json!("kubernetes"));
    put(out, "orchestrator.resource.type", json!("pod"));
    for (path, text) in [
        ("orchestrator.namespace", &pod.namespace),
        ("orchestrator.resource.id", &pod.uid),
        ("orchestrator.resource.name", &pod.name),
    ] {
        if let Some(text) = text {
            put(out, path, json!(text));
        }
    }
    let Some(details) = &pod.details else { return };
    if let Some(workload) = &details.workload {
        put(out, "orchestrator.resource.parent.type", json!(workload.kind));
        // ECS has no name for the name.
        put(out, "rampart.workload.name", json!(workload.name));
    }
    if !details.labels.is_empty() {
        let labels = details.labels.iter().map(|label| format!("{}:{}", label.name, label.value));
        put(out, "orchestrator.resource.label", json!(labels.collect::<Vec<_>>()));
    }
    if let Some(account) = &details.service_account {
        put(out, "rampart.service_account", json!(account));
    }
}

/// What ECS says of a process and of its parent alike.
fn program(process: &Process) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "pid", json!(process.key.pid));
    put(&mut out, "entity_id", json!(process.entity_id));
    put(&mut out, "name", json!(process.name));
    put(&mut out, "executable", json!(process.executable));
    put(&mut out, "command_line", json!(process.args.command_line()));
    put(&mut out, "args", json!(process.args.iter().collect::<Vec<_>>()));
    user(&mut out, process);
    out
}

/// A process in one line, as in the list of ancestors.
pub(super) fn ancestor(process: &Process) -> Json {
    json!({
        "pid": process.key.pid,
        "entity_id": process.entity_id,
        "name": process.name,
        "executable": process.executable,
        "command_line": beginning(process.args.command_line()),
    })
}

/// What is longer than an ancestor's command line may be ends in `…`.
fn beginning(line: &str) -> Cow<'_, str> {
    if line.len() <= ANCESTOR_COMMAND_LINE {
        return line.into();
    }
    let end = line.floor_char_boundary(ANCESTOR_COMMAND_LINE - '…'.len_utf8());
    format!("{}…", line.get(..end).unwrap_or_default()).into()
}

fn user(out: &mut Map<String, Json>, process: &Process) {
    put(out, "user.id", json!(process.user.id.to_string()));
    if let Some(name) = &process.user.name {
        put(out, "user.name", json!(name));
    }
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn an_ancestors_command_line_is_cut_between_characters() {
        for (line, expected) in [
            ("a".repeat(1024), "a".repeat(1024)),
            ("a".repeat(1025), "a".repeat(1021) + "…"),
            // Two bytes each.
            ("ä".repeat(513), "ä".repeat(510) + "…"),
        ] {
            assert_eq!(beginning(&line), expected);
        }
    }
}
