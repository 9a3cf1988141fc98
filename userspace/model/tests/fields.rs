//! What rules can ask of each kind of event.

#![forbid(unsafe_code)]

use rampart_model::{EventKind, Field, Record};
use rampart_testkit::sample;
use serde_json::{Value as Json, json};

/// The values that a field has in the samples of a kind, in their order.
fn values(kind: EventKind, field: &str) -> Vec<Json> {
    let mut records =
        sample::events(kind).iter().map(|event| Record::from(event).to_json()).collect::<Vec<_>>();
    records.iter_mut().filter_map(|record| record.get_mut(field).map(Json::take)).collect()
}

#[test]
fn fields_say_what_the_event_holds() {
    for (kind, field, expected) in [
        (EventKind::Exec, "process.script", json!(["/opt/backup.sh"])),
        (EventKind::Exec, "process.interpreter", json!(["/bin/bash"])),
        (EventKind::Exec, "process.executable.upper_layer", json!([true, false])),
        (EventKind::Exec, "process.setuid", json!([false, true])),
        (
            EventKind::Exec,
            "process.capabilities.effective",
            json!(["chown,dac_override,sys_module,sys_admin"]),
        ),
        (EventKind::Exec, "process.stdin.type", json!(["socket", "terminal"])),
        (EventKind::Exec, "User", json!(["web", "1000"])),
        (EventKind::Exec, "LogonId", json!([1000])),
        (EventKind::Exec, "orchestrator.resource.id", json!(["8c2b"])),
        (EventKind::Exec, "container.name", json!(["backup"])),
        (EventKind::Exec, "container.image.name", json!(["registry.example/backup:9"])),
        (EventKind::Exec, "orchestrator.resource.name", json!(["backup-0"])),
        (EventKind::Exec, "orchestrator.namespace", json!(["shop"])),
        (EventKind::Exec, "orchestrator.resource.parent.type", json!(["StatefulSet"])),
        (EventKind::Exec, "rampart.workload.name", json!(["backup"])),
        (EventKind::Exec, "rampart.service_account", json!(["keeper"])),
        (EventKind::Exec, "container.image.hash.all", json!(["sha256:4b825dc6"])),
        (EventKind::Fork, "process.ancestors.name", json!([["sh"]])),
        (EventKind::Exit, "process.exit_code", json!([1, 0])),
        (EventKind::Exit, "process.exit_signal", json!([9])),
        (EventKind::Connect, "DestinationIp", json!(["10.0.0.1", "fd00::1"])),
        (EventKind::Connect, "SourcePort", json!([50_000])),
        (EventKind::ExecFailed, "exec.path", json!(["/tmp/.x/loader"])),
        (EventKind::ExecFailed, "event.success", json!([false])),
        (EventKind::ExecFailed, "event.errno", json!([13])),
        (EventKind::Namespace, "namespace.types", json!(["mnt,pid", "user", "net"])),
        (EventKind::Namespace, "namespace.path", json!(["/host"])),
        (EventKind::Mount, "namespace.path", json!(["/newroot"])),
        (EventKind::Socket, "SourcePort", json!([4444, 53, 4444, 4444])),
        (EventKind::Socket, "DestinationIp", json!(["192.0.2.9"])),
        (EventKind::Socket, "socket.path", json!(["/run/docker.sock", "@session"])),
        (EventKind::Descriptor, "descriptor.number", json!([0])),
        (EventKind::Descriptor, "DestinationPort", json!([51_000])),
        (EventKind::File, "file.flags", json!(["rdonly,cloexec", "wronly,trunc", "rdwr,creat"])),
        (EventKind::File, "file.target", json!(["/tmp/old", "/bin/sh", "/dev/null"])),
        (EventKind::File, "file.mode", json!([0o644, 0o4755, 0o60_600])),
        (EventKind::File, "file.setuid", json!([true])),
        (EventKind::File, "file.created", json!([false, true, true, true, true])),
        (EventKind::File, "file.uid", json!([33])),
        (EventKind::File, "file.gid", json!([0])),
        (EventKind::Access, "TargetProcessId", json!([52, 52, 52, 52, 77, 78])),
        (EventKind::Access, "access.request", json!(["attach", "seize", "traceme", "poke", "read", "write"])),
        (EventKind::Signal, "TargetImage", json!(["/bin/bash"])),
        (EventKind::Signal, "signal.number", json!([9])),
        (EventKind::Memfd, "memfd.flags", json!(["cloexec,exec"])),
        (EventKind::Module, "module.path", json!(["/tmp/rootkit.ko"])),
        (EventKind::Module, "module.name", json!(["kvm_intel"])),
        (EventKind::Bpf, "bpf.command", json!(["prog_load", "map_create", "prog_attach", "999"])),
        (EventKind::Bpf, "bpf.type", json!(["kprobe", "ringbuf"])),
        (EventKind::Credentials, "credentials.uid.new", json!([0, 33, 0])),
        (EventKind::Credentials, "credentials.capabilities.gained", json!(["net_raw,sys_admin"])),
        (EventKind::IoUring, "io_uring.opcode", json!(["uring_cmd"])),
        (EventKind::Cpu, "cpu.percent", json!([198])),
        (EventKind::Cpu, "cpu.seconds", json!([65])),
    ] {
        assert_eq!(json!(values(kind, field)), expected, "{field} of {kind}");
    }
}

/// How it went is asked of all calls and of nothing else; where no end was seen there is no success.
#[test]
fn outcomes_are_of_calls_only() {
    for event in sample::all_events() {
        let call = event.call();
        assert_eq!(Field::EventOperation.of(&event).is_some(), call.is_some(), "{event:?}");
        assert_eq!(Field::EventOrigin.of(&event).is_some(), call.is_some(), "{event:?}");
        let success = call.and_then(|call| call.outcome.success());
        assert_eq!(Field::EventSucceeded.of(&event), success.map(Into::into), "{event:?}");
    }
    let unseen = |kind| sample::events(kind).len() - values(kind, "event.success").len();
    assert_eq!((unseen(EventKind::File), unseen(EventKind::Mount)), (1, 0));
}
