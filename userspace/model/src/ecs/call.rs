use serde_json::{Map, Value as Json, json};

use super::{
    action::{Class, ends},
    process::ancestor,
    put,
};
use crate::{
    Access, Bpf, Call, CredentialsChange, FileCall, FileOperation, Identity, IoUring, Memfd, Module, Mount,
    MountOperation, NamespaceChange, Operation, Socket, SocketOperation, SocketType, Target,
};

/// What was asked of the kernel.
pub(super) fn call(out: &mut Map<String, Json>, call: &Call) -> Class {
    put(out, "rampart.origin", json!(call.outcome.origin.name()));
    if let Some(errno) = call.outcome.errno() {
        put(out, "rampart.errno", json!(errno));
    }
    let (category, kind) = operation(out, &call.operation);
    let outcome = match call.outcome.success() {
        Some(true) => "success",
        Some(false) => "failure",
        None => "unknown",
    };
    Class { category, kind, outcome }
}

/// Writes the operation; gives its category and type.
fn operation(out: &mut Map<String, Json>, operation: &Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::ExecFailed(path) => {
            put(out, "file.path", json!(path));
            ("process", "start")
        }
        Operation::Socket(call) => {
            socket(out, &call.socket);
            ("network", socket_type(out, call.operation))
        }
        Operation::Mount(mount) => {
            self::mount(out, mount);
            (
                "configuration",
                if matches!(mount.operation, MountOperation::Unmount(_)) { "deletion" } else { "change" },
            )
        }
        Operation::Namespace(change) => {
            namespace(out, change);
            ("process", "change")
        }
        Operation::File(call) => ("file", file(out, call)),
        Operation::Descriptor(descriptor) => {
            socket(out, &descriptor.socket);
            put(out, "rampart.descriptor", json!(descriptor.number));
            ("process", "change")
        }
        Operation::Access(access) => {
            self::access(out, access);
            ("process", "access")
        }
        Operation::Memfd(memfd) => {
            self::memfd(out, memfd);
            ("file", "creation")
        }
        Operation::Module(module) => ("driver", self::module(out, module)),
        Operation::Bpf(bpf) => {
            self::bpf(out, bpf);
            ("driver", if matches!(bpf, Bpf::Other(_)) { "change" } else { "start" })
        }
        Operation::Credentials(change) => {
            credentials(out, change);
            ("process", "change")
        }
        Operation::Signal(signal) => {
            put(out, "rampart.signal", json!(signal.number));
            target(out, &signal.target);
            ("process", "access")
        }
        Operation::IoUring(request) => {
            io_uring(out, *request);
            ("process", "info")
        }
    }
}

fn socket(out: &mut Map<String, Json>, socket: &Socket) {
    ends(out, socket.local(), socket.remote());
    if let Some(transport) = transport(socket) {
        put(out, "network.transport", json!(transport));
    }
    put(
        out,
        "rampart.socket",
        json!({
            "family": socket.family.name(),
            "type": socket.socket_type.name(),
            "protocol": socket.protocol,
            "path": socket.path(),
        }),
    );
}

/// By IPPROTO_* (include/uapi/linux/in.h).
const fn transport(socket: &Socket) -> Option<&'static str> {
    match (socket.socket_type, socket.protocol) {
        (SocketType::Stream, 6) => Some("tcp"),
        (SocketType::Datagram, 17) => Some("udp"),
        _ => None,
    }
}

fn socket_type(out: &mut Map<String, Json>, operation: SocketOperation) -> &'static str {
    match operation {
        SocketOperation::Bind => "info",
        SocketOperation::Listen => "start",
        SocketOperation::Packet => "access",
        SocketOperation::Accept => {
            put(out, "network.direction", json!("ingress"));
            "connection"
        }
        SocketOperation::Connect => "connection",
    }
}

fn mount(out: &mut Map<String, Json>, mount: &Mount) {
    // Where nothing is mounted the source is empty, and else it may be the name of a device or of nothing at all.
    if mount.source.starts_with('/') {
        put(out, "file.path", json!(mount.source));
    }
    put(
        out,
        "rampart.mount",
        json!({
            "source": mount.source,
            "target": mount.target,
            "type": mount.fs_type,
            "flags": mount.operation.flag_names(),
        }),
    );
}

fn namespace(out: &mut Map<String, Json>, change: &NamespaceChange) {
    if let NamespaceChange::Chroot(path) = change {
        put(out, "file.path", json!(path));
    }
    if let Some(types) = change.types() {
        put(out, "rampart.namespace.types", json!(types.names()));
    }
}

/// Writes what was done with a file; gives the type.
fn file(out: &mut Map<String, Json>, call: &FileCall) -> &'static str {
    put(out, "file.path", json!(call.path));
    if let Some(target) = call.operation.target() {
        put(out, "file.target_path", json!(target));
    }
    if let Some(mode) = call.operation.mode() {
        put(out, "file.mode", json!(format!("{mode:04o}")));
    }
    if let Some(flags) = call.operation.flags() {
        put(out, "rampart.file.flags", json!(flags.names()));
    }
    match &call.operation {
        FileOperation::Open(_) => "access",
        FileOperation::Create { .. }
        | FileOperation::Link { .. }
        | FileOperation::Symlink { .. }
        | FileOperation::Mknod { .. } => "creation",
        FileOperation::Unlink | FileOperation::Rmdir => "deletion",
        FileOperation::Write(_) | FileOperation::Rename { .. } | FileOperation::Chmod { .. } => "change",
        FileOperation::Chown { uid, gid } => {
            for (name, id) in [("file.uid", uid), ("file.gid", gid)] {
                if let Some(id) = id {
                    put(out, name, json!(id.to_string()));
                }
            }
            "change"
        }
    }
}

fn access(out: &mut Map<String, Json>, access: &Access) {
    put(out, "rampart.access.request", json!(access.request.name()));
    target(out, &access.target);
}

/// ECS has no name for the process that something is done to.
fn target(out: &mut Map<String, Json>, target: &Target) {
    let mut json = target.process().map_or_else(|| json!({ "pid": target.pid() }), ancestor);
    if let (Some(container), Json::Object(fields)) =
        (target.process().and_then(|process| process.container.as_ref()), &mut json)
    {
        put(fields, "container.id", json!(container.id));
    }
    put(out, "rampart.target", json);
}

fn memfd(out: &mut Map<String, Json>, memfd: &Memfd) {
    put(out, "file.name", json!(memfd.name));
    put(out, "rampart.memfd.flags", json!(memfd.flag_names()));
}

/// Writes the module; gives the type.
fn module(out: &mut Map<String, Json>, module: &Module) -> &'static str {
    match module {
        Module::Load(bytes) => {
            put(out, "file.size", json!(bytes));
            "start"
        }
        Module::LoadFile(path) => {
            put(out, "file.path", json!(path));
            "start"
        }
        Module::Unload(name) => {
            put(out, "rampart.module.name", json!(name));
            "end"
        }
    }
}

fn bpf(out: &mut Map<String, Json>, bpf: &Bpf) {
    put(
        out,
        "rampart.bpf",
        json!({ "command": bpf.command_name(), "name": bpf.object_name(), "type": bpf.type_name() }),
    );
}

fn credentials(out: &mut Map<String, Json>, change: &CredentialsChange) {
    let identity = |identity: Identity| json!({ "uid": identity.uid, "euid": identity.euid, "gid": identity.gid, "egid": identity.egid });
    put(
        out,
        "rampart.credentials",
        json!({
            "before": identity(change.before),
            "after": identity(change.after),
            "capabilities_gained": change.gained().names(),
        }),
    );
}

fn io_uring(out: &mut Map<String, Json>, request: IoUring) {
    match request {
        IoUring::Setup(entries) => put(out, "rampart.io_uring.entries", json!(entries)),
        IoUring::Submit(_) => put(out, "rampart.io_uring.opcode", json!(request.opcode_name())),
    }
}
