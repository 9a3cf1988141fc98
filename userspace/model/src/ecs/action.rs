use std::net::SocketAddr;

use serde_json::{Map, Value as Json, json};

use super::{call, put};
use crate::{Action, Connect, ConnectOutcome, Event};

/// `event.category`, `event.type` and `event.outcome` of ECS.
pub(super) struct Class {
    pub(super) category: &'static str,
    pub(super) kind: &'static str,
    pub(super) outcome: &'static str,
}

/// What was done.
pub(super) fn action(out: &mut Map<String, Json>, event: &Event) {
    let class = |category, kind, outcome| Class { category, kind, outcome };
    let Class { category, kind, outcome } = match &event.action {
        Action::Exec | Action::Fork => class("process", "start", "success"),
        Action::Exit(exit) => {
            put(out, "process.exit_code", json!(exit.code));
            class("process", "end", "success")
        }
        Action::Connect(connect) => {
            self::connect(out, connect);
            class("network", "connection", connect_outcome(connect.outcome))
        }
        Action::Call(call) => call::call(out, call),
        Action::Cpu(usage) => {
            put(out, "rampart.cpu", json!({ "percent": usage.percent, "seconds": usage.seconds }));
            // It goes on.
            class("process", "info", "unknown")
        }
    };
    put(out, "event.category", json!([category]));
    put(out, "event.type", json!([kind]));
    put(out, "event.outcome", json!(outcome));
    let name = event.operation().map_or_else(|| event.category().name(), |operation| operation.name());
    put(out, "event.action", json!(name));
}

const fn connect_outcome(outcome: ConnectOutcome) -> &'static str {
    match outcome {
        ConnectOutcome::Success => "success",
        ConnectOutcome::InProgress => "unknown",
        ConnectOutcome::Refused | ConnectOutcome::Aborted | ConnectOutcome::Failed(_) => "failure",
    }
}

fn connect(out: &mut Map<String, Json>, connect: &Connect) {
    put(out, "network.transport", json!(connect.transport.name()));
    put(out, "network.direction", json!("egress"));
    ends(out, connect.source, Some(connect.destination));
    put(out, "rampart.connect.outcome", json!(connect.outcome.name()));
    if let ConnectOutcome::Failed(errno) = connect.outcome {
        put(out, "rampart.connect.errno", json!(errno));
    }
    if let Some(latency) = connect.latency_ns {
        put(out, "event.duration", json!(latency));
    }
}

/// The two ends of a connection over IP, as far as there are.
pub(super) fn ends(out: &mut Map<String, Json>, source: Option<SocketAddr>, destination: Option<SocketAddr>) {
    if let Some(end) = destination.or(source) {
        put(out, "network.type", json!(if end.is_ipv4() { "ipv4" } else { "ipv6" }));
    }
    for (name, end) in [("source", source), ("destination", destination)] {
        if let Some(end) = end {
            out.insert(name.to_owned(), json!({ "ip": end.ip(), "port": end.port() }));
        }
    }
}
