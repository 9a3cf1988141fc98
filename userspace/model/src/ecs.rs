//! Findings as JSON with the field names of the Elastic Common Schema 8; what ECS lacks is under `rampart.`.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

use crate::{
    Action, Connect, ConnectOutcome, Event, Finding, Health, Mount, Process, RuleRef, SCHEMA_VERSION,
    Severity, Subject, Technique,
};

/// Version of ECS whose names are used.
const ECS_VERSION: &str = "8.17";

/// Longest list of ancestors in a finding, nearest first.
const ANCESTRY: usize = 16;

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Finding {
    /// The JSON form, one object.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut out = match &self.subject {
            Subject::Runtime { event, rule } => runtime(event, rule),
            Subject::Health(health) => self::health(health, self.severity()),
        };
        put(&mut out, "@timestamp", json!(self.time));
        put(&mut out, "ecs.version", json!(ECS_VERSION));
        put(&mut out, "event.id", json!(self.id));
        put(&mut out, "host.name", json!(self.node));
        put(&mut out, "rampart.schema", json!(SCHEMA_VERSION));
        Json::Object(out)
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.subject {
            Subject::Runtime { event, rule } => format!("{}: {}", rule.title, deed(event)),
            Subject::Health(health) => health_message(health),
        }
    }
}

fn runtime(event: &Event, rule: &RuleRef) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "message", json!(format!("{}: {}", rule.title, deed(event))));
    put(&mut out, "event.kind", json!("alert"));
    severity(&mut out, rule.severity);
    put(&mut out, "rule.id", json!(rule.id));
    put(&mut out, "rule.name", json!(rule.title));
    put(&mut out, "rule.description", json!(rule.description));
    if let Some(link) = rule.references.first() {
        put(&mut out, "rule.reference", json!(link));
    }
    threat(&mut out, &rule.techniques);
    for control in &*rule.controls {
        let ids = out.entry("rampart").or_insert_with(|| json!({}));
        push(ids, &["controls", control.framework.name()], json!(control.id));
    }
    process(&mut out, &event.process, event.thread_id);
    action(&mut out, event);
    out
}

fn threat(out: &mut Map<String, Json>, techniques: &[Technique]) {
    if techniques.is_empty() {
        return;
    }
    put(out, "threat.framework", json!("MITRE ATT&CK"));
    let column = |value: fn(&Technique) -> Json| techniques.iter().map(value).collect::<Vec<_>>();
    put(out, "threat.technique.id", json!(column(|technique| json!(technique.id))));
    put(out, "threat.technique.name", json!(column(|technique| json!(technique.name))));
    let mut tactics: Vec<_> = techniques.iter().flat_map(|technique| &technique.tactics).collect();
    tactics.dedup();
    put(out, "threat.tactic.id", json!(tactics.iter().map(|tactic| &tactic.id).collect::<Vec<_>>()));
    put(out, "threat.tactic.name", json!(tactics.iter().map(|tactic| &tactic.name).collect::<Vec<_>>()));
}

fn severity(out: &mut Map<String, Json>, severity: Severity) {
    put(out, "event.severity", json!(severity.score()));
    put(out, "rampart.severity", json!(severity));
}

fn process(out: &mut Map<String, Json>, process: &Process, thread_id: u32) {
    let mut own = program(process);
    put(&mut own, "thread.id", json!(thread_id));
    put(&mut own, "working_directory", json!(process.working_directory));
    put(&mut own, "args_count", json!(process.args.iter().count()));
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
    let spaces = process.namespaces;
    put(
        out,
        "rampart.namespaces",
        json!({ "mnt": spaces.mnt, "pid": spaces.pid, "net": spaces.net, "user": spaces.user }),
    );
    put(out, "rampart.cgroup", json!(process.cgroup));
    if let Some(container) = &process.container {
        put(out, "container.id", json!(container.id));
        put(out, "container.runtime", json!(container.runtime));
        if let Some(uid) = &container.pod_uid {
            put(out, "orchestrator.type", json!("kubernetes"));
            put(out, "orchestrator.resource.type", json!("pod"));
            put(out, "orchestrator.resource.id", json!(uid));
        }
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

fn ancestor(process: &Process) -> Json {
    json!({
        "pid": process.key.pid,
        "entity_id": process.entity_id,
        "name": process.name,
        "executable": process.executable,
        "command_line": process.args.command_line(),
    })
}

fn user(out: &mut Map<String, Json>, process: &Process) {
    put(out, "user.id", json!(process.user.id.to_string()));
    if let Some(name) = &process.user.name {
        put(out, "user.name", json!(name));
    }
}

fn action(out: &mut Map<String, Json>, event: &Event) {
    let (category, types, outcome) = match &event.action {
        Action::Exec | Action::Fork => ("process", "start", "success"),
        Action::Exit(exit) => {
            put(out, "process.exit_code", json!(exit.code));
            ("process", "end", "success")
        }
        Action::Connect(connect) => {
            self::connect(out, connect);
            ("network", "connection", connect_outcome(connect.outcome))
        }
        Action::Mount(mount) => {
            self::mount(out, mount);
            ("configuration", "change", if mount.errno == 0 { "success" } else { "failure" })
        }
    };
    put(out, "event.category", json!([category]));
    put(out, "event.type", json!([types]));
    put(out, "event.outcome", json!(outcome));
    put(out, "event.action", json!(event.category().name()));
}

const fn connect_outcome(outcome: ConnectOutcome) -> &'static str {
    match outcome {
        ConnectOutcome::Success => "success",
        ConnectOutcome::InProgress => "unknown",
        ConnectOutcome::Refused | ConnectOutcome::Aborted | ConnectOutcome::Failed(_) => "failure",
    }
}

fn connect(out: &mut Map<String, Json>, connect: &Connect) {
    let ip = connect.destination.ip();
    put(out, "network.transport", json!(connect.transport.name()));
    put(out, "network.type", json!(if ip.is_ipv4() { "ipv4" } else { "ipv6" }));
    put(out, "network.direction", json!("egress"));
    put(out, "destination.ip", json!(ip));
    put(out, "destination.port", json!(connect.destination.port()));
    if let Some(source) = connect.source {
        put(out, "source.ip", json!(source.ip()));
        put(out, "source.port", json!(source.port()));
    }
    put(out, "rampart.connect.outcome", json!(connect.outcome.name()));
    if let ConnectOutcome::Failed(errno) = connect.outcome {
        put(out, "rampart.connect.errno", json!(errno));
    }
    if let Some(latency) = connect.latency_ns {
        put(out, "event.duration", json!(latency));
    }
}

fn mount(out: &mut Map<String, Json>, mount: &Mount) {
    put(out, "file.path", json!(mount.source));
    put(
        out,
        "rampart.mount",
        json!({
            "source": mount.source,
            "target": mount.target,
            "type": mount.fs_type,
            "flags": mount.flag_names(),
            "errno": mount.errno,
        }),
    );
}

fn health(health: &Health, level: Severity) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "message", json!(health_message(health)));
    put(&mut out, "event.kind", json!("pipeline_error"));
    put(&mut out, "event.category", json!(["configuration"]));
    put(&mut out, "event.type", json!(["error"]));
    severity(&mut out, level);
    match health {
        Health::RuleRefused { error } => {
            put(&mut out, "event.action", json!("rule_refused"));
            put(&mut out, "error.message", json!(error));
        }
        Health::EventsLost { kind, stage, count } => {
            put(&mut out, "event.action", json!("events_lost"));
            put(&mut out, "rampart.loss", json!({ "kind": kind.name(), "stage": stage, "count": count }));
        }
    }
    out
}

fn health_message(health: &Health) -> String {
    match health {
        Health::RuleRefused { error } => format!("Rule file refused, the others are in force: {error}"),
        Health::EventsLost { kind, stage, count } => format!("{count} {kind} events lost at {stage}"),
    }
}

/// What the process did, in words.
fn deed(event: &Event) -> String {
    let process = &event.process;
    let who = format!("{} (pid {})", process.name, process.key.pid);
    match &event.action {
        Action::Exec => format!("{who} executed {}", process.args.command_line()),
        Action::Fork => format!("{who} began"),
        Action::Exit(exit) => format!("{who} ended with code {}", exit.code),
        Action::Connect(connect) => {
            format!("{who} connected to {} ({})", connect.destination, connect.outcome.name())
        }
        Action::Mount(mount) => format!("{who} mounted {} on {}", mount.source, mount.target),
    }
}

/// Puts a value at a dotted path.
fn put(out: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            out.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            if let Json::Object(inner) = out.entry(first).or_insert_with(|| json!({})) {
                put(inner, rest, value);
            }
        }
    }
}

/// Adds a value to the list at a path.
fn push(at: &mut Json, path: &[&str], value: Json) {
    match (path, at) {
        ([first, rest @ ..], Json::Object(map)) => {
            let empty = || if rest.is_empty() { json!([]) } else { json!({}) };
            push(map.entry(*first).or_insert_with(empty), rest, value);
        }
        ([], Json::Array(list)) => list.push(value),
        _ => {}
    }
}
