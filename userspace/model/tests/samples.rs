//! Every sample event in every form that it takes: as a record, as ECS, field by field.

#![forbid(unsafe_code)]

use std::{collections::BTreeSet, sync::Arc};

use rampart_model::{Category, Context, Event, EventKind, Field, FieldType, Finding, Record, Subject, Value};
use rampart_testkit::sample;
use serde_json::{Value as Json, json};

fn ecs(event: Event) -> Json {
    let subject = Subject::Runtime {
        event: Arc::new(event),
        rule: Arc::new(sample::rule()),
        context: Context::default(),
    };
    Finding { subject, ..sample::finding() }.to_json()
}

#[test]
fn there_are_samples_of_every_kind_and_category() {
    for kind in EventKind::ALL {
        assert_eq!(sample::event(kind).kind(), kind);
    }
    let found: BTreeSet<Category> = sample::all_events().iter().map(Event::category).collect();
    assert_eq!(found, Category::ALL.into());
    for event in sample::all_events() {
        assert_eq!(event.category().kind(), event.kind(), "{event:?}");
    }
}

#[test]
fn records_go_round() {
    for event in sample::all_events() {
        let record = Record::from(&event);
        let text = record.to_json().to_string();
        let read = Record::from_json(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(read, record, "{text}");
        assert_eq!(read.to_json().to_string(), text);
    }
}

#[test]
fn every_field_is_readable_and_of_its_type() {
    let events = sample::all_events();
    for field in Field::ALL {
        let values: Vec<Value<'_>> = events.iter().filter_map(|event| field.of(event)).collect();
        assert!(!values.is_empty(), "no sample has {field}");
        for value in values {
            let types: &[_] = match value {
                Value::Text(_) | Value::Names(_) | Value::Texts(_) => &[FieldType::Text],
                // What has no name is text all the same.
                Value::Number(_) => &[FieldType::Number, FieldType::Text],
                Value::Bool(_) => &[FieldType::Bool],
                Value::Ip(_) => &[FieldType::Ip],
            };
            assert!(types.contains(&field.field_type()), "{field}");
        }
    }
}

/// What a rule is refused for must be what no event can have.
#[test]
fn fields_are_of_the_kinds_that_have_them() {
    for event in sample::all_events() {
        for field in Field::ALL {
            assert!(field.of(&event).is_none() || field.is_of(event.kind()), "{field} of {}", event.kind());
        }
    }
}

/// The types that ECS allows for each of its categories.
fn types_of(category: &str) -> &'static [&'static str] {
    match category {
        "process" => &["access", "change", "end", "info", "start"],
        "network" => &["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"],
        "file" | "configuration" => &["access", "change", "creation", "deletion", "info"],
        "driver" => &["change", "end", "info", "start"],
        _ => &[],
    }
}

#[test]
fn ecs_knows_category_type_and_outcome() {
    for event in sample::all_events() {
        let json = ecs(event);
        let text = |path: &str| json.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
        assert_ne!(text("/event/action"), "", "{json:#}");
        let (category, kind) = (text("/event/category/0"), text("/event/type/0"));
        assert!(types_of(&category).contains(&&*kind), "{category} {kind}: {json:#}");
        assert!(["success", "failure", "unknown"].contains(&&*text("/event/outcome")), "{json:#}");
    }
}

/// An object of ECS is there with something in it, or not at all.
#[test]
fn ecs_has_no_empty_file_path() {
    for event in sample::all_events() {
        let json = ecs(event);
        let path = json.pointer("/file/path").and_then(Json::as_str);
        assert!(path.is_none_or(|path| path.starts_with('/')), "{json:#}");
    }
}

#[test]
fn ecs_names_container_and_pod() {
    let [plain, pod] = [0, 1].map(|number| ecs(sample::events(EventKind::Exec).swap_remove(number)));
    assert_eq!(plain["container"], json!({ "id": "c0ffee", "runtime": "docker" }));
    assert_eq!(plain.get("orchestrator"), None);
    let image = json!({ "name": "registry.example/backup:9", "hash": { "all": ["sha256:4b825dc6"] } });
    let container = json!({ "id": "beef", "runtime": "containerd", "name": "backup", "image": image });
    assert_eq!(pod["container"], container);
    let resource = json!({
        "type": "pod",
        "id": "8c2b",
        "name": "backup-0",
        "parent": { "type": "StatefulSet" },
        "label": ["app.kubernetes.io/name:backup"],
    });
    let orchestrator = json!({ "type": "kubernetes", "namespace": "shop", "resource": resource });
    assert_eq!(pod["orchestrator"], orchestrator);
    assert_eq!(pod["rampart"]["workload"], json!({ "name": "backup" }));
    assert_eq!(pod["rampart"]["service_account"], json!("keeper"));
}

#[test]
fn ecs_names_what_it_is_about() {
    for (kind, action, path, expected) in [
        (EventKind::Exec, "process_creation", "/rampart/executable/0", json!("upper_layer")),
        (EventKind::Exec, "process_creation", "/process/vpid", json!(8)),
        (EventKind::Exit, "process_termination", "/process/exit_code", json!(1)),
        (EventKind::Connect, "network_connection", "/destination/port", json!(3333)),
        (EventKind::Mount, "mount", "/rampart/mount/flags", json!("bind")),
        (EventKind::Mount, "umount", "/event/type/0", json!("deletion")),
        (EventKind::ExecFailed, "execve", "/rampart/errno", json!(13)),
        (EventKind::ExecFailed, "execve", "/event/outcome", json!("failure")),
        (EventKind::Socket, "bind", "/source/port", json!(4444)),
        (EventKind::Socket, "accept", "/network/direction", json!("ingress")),
        (EventKind::Socket, "connect", "/rampart/socket/path", json!("/run/docker.sock")),
        (EventKind::Namespace, "setns", "/rampart/namespace/types", json!("mnt,pid")),
        (EventKind::File, "create", "/file/mode", json!("0644")),
        (EventKind::File, "rename", "/file/target_path", json!("/tmp/old")),
        (EventKind::File, "rename", "/event/outcome", json!("unknown")),
        (EventKind::File, "chown", "/file/uid", json!("33")),
        (EventKind::Descriptor, "dup", "/rampart/descriptor", json!(0)),
        (EventKind::Access, "ptrace", "/rampart/target/pid", json!(52)),
        (EventKind::Access, "ptrace", "/rampart/target/container/id", json!("beef")),
        (EventKind::Access, "process_vm_readv", "/rampart/target/pid", json!(77)),
        (EventKind::Memfd, "memfd_create", "/file/name", json!("payload")),
        (EventKind::Module, "finit_module", "/file/path", json!("/tmp/rootkit.ko")),
        (EventKind::Module, "delete_module", "/event/type/0", json!("end")),
        (EventKind::Bpf, "bpf", "/rampart/bpf/type", json!("kprobe")),
        (EventKind::Credentials, "credentials", "/rampart/credentials/before/euid", json!(33)),
        (EventKind::Signal, "signal", "/rampart/signal", json!(9)),
        (EventKind::IoUring, "io_uring_setup", "/rampart/io_uring/entries", json!(32)),
        (EventKind::Cpu, "process_cpu", "/rampart/cpu/percent", json!(198)),
    ] {
        let found = sample::events(kind).into_iter().map(ecs).find(|json| json["event"]["action"] == action);
        let found = found.unwrap_or_default();
        assert_eq!(found.pointer(path), Some(&expected), "{action} {path}: {found:#}");
    }
}
