//! Events in words.

use std::fmt::Display;

use crate::{
    Access, AccessRequest, Action, Bpf, Call, CallResult, CpuUsage, CredentialsChange, Event, FileCall,
    FileOperation, IoUring, Memfd, Module, Mount, MountOperation, NamespaceChange, Operation, Process,
    Signal, Socket, SocketCall, SocketEnds, SocketOperation, Target,
};

impl Event {
    /// What was done, in words that follow the name of who did it.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.action {
            Action::Exec => format!("executed {}", self.process.args.command_line()),
            Action::Fork => began(self.process.parent.as_deref()),
            Action::Exit(exit) => match exit.signal {
                Some(signal) => format!("was ended by signal {signal}"),
                None => format!("ended with code {}", exit.code),
            },
            Action::Connect(connect) => {
                let (to, how) = (connect.destination, connect.outcome.name());
                format!("connected to {to} by {} ({how})", connect.transport.name())
            }
            Action::Call(call) => self::call(call),
            Action::Cpu(CpuUsage { percent, seconds }) => {
                format!("has used {percent} % of a processor for {seconds} seconds")
            }
        }
    }
}

fn began(parent: Option<&Process>) -> String {
    parent.map_or_else(
        || "began".to_owned(),
        |parent| format!("began, made by {} (pid {})", parent.name, parent.key.pid),
    )
}

fn call(call: &Call) -> String {
    let what = operation(&call.operation);
    match call.outcome.result {
        CallResult::Done => what,
        CallResult::Refused(errno) => format!("{what} (refused, errno {errno})"),
        CallResult::Unfinished => format!("{what} ({}, outcome not seen)", call.outcome.origin.name()),
    }
}

fn operation(operation: &Operation) -> String {
    match operation {
        Operation::ExecFailed(path) => format!("tried to execute {path}"),
        Operation::Socket(call) => socket_call(call),
        Operation::Mount(mount) => self::mount(mount),
        Operation::Namespace(change) => namespace(change),
        Operation::File(call) => file(call),
        Operation::Descriptor(descriptor) => {
            format!("put {} onto descriptor {}", socket(&descriptor.socket), descriptor.number)
        }
        Operation::Access(access) => self::access(access),
        Operation::Memfd(Memfd { name, .. }) => format!("made the memory file `{name}`"),
        Operation::Module(module) => self::module(module),
        Operation::Bpf(bpf) => self::bpf(bpf),
        Operation::Credentials(change) => credentials(change),
        Operation::Signal(Signal { number, target }) => {
            format!("sent signal {number} to {}", self::target(target))
        }
        Operation::IoUring(IoUring::Setup(entries)) => format!("set up io_uring with {entries} entries"),
        Operation::IoUring(submit) => {
            format!(
                "submitted {} to io_uring",
                submit.opcode_name().map(|name| name.to_string()).unwrap_or_default()
            )
        }
    }
}

fn socket_call(call: &SocketCall) -> String {
    let socket = socket(&call.socket);
    match call.operation {
        SocketOperation::Bind => format!("bound {socket}"),
        SocketOperation::Listen => format!("listens on {socket}"),
        SocketOperation::Accept => format!("accepted {socket}"),
        SocketOperation::Packet => format!("made {socket}, protocol {}", call.socket.protocol),
        SocketOperation::Connect => format!("connected {socket}"),
    }
}

fn socket(socket: &Socket) -> String {
    let what = format!("a socket ({} {})", socket.family.name(), socket.socket_type.name());
    match &socket.ends {
        SocketEnds::Ip { local, remote } => {
            let end = |word, end: &Option<_>| end.map(|end| format!(" {word} {end}")).unwrap_or_default();
            format!("{what}{}{}", end("at", local), end("from", remote))
        }
        SocketEnds::Unix(path) => format!("{what} at {path}"),
        SocketEnds::Unnamed => what,
    }
}

fn mount(mount: &Mount) -> String {
    let Mount { operation, source, target, fs_type } = mount;
    let mut out = match operation {
        MountOperation::Mount(_) | MountOperation::Attach { .. } => format!("mounted {source} on {target}"),
        MountOperation::Unmount(_) => format!("unmounted {target}"),
        MountOperation::Move => format!("moved the mount {source} to {target}"),
        MountOperation::FsMount(_) => format!("made a mount of {source}"),
        MountOperation::FsOpen => "opened a file system to mount".to_owned(),
        MountOperation::OpenTree(_) => format!("opened the mount {target}"),
        MountOperation::SetAttributes { .. } => format!("changed the mount {target}"),
        MountOperation::PivotRoot => format!("made {source} its root, the old one at {target}"),
    };
    let flags = operation.flag_names().to_string();
    for (word, text) in [("type", &**fs_type), ("flags", &flags)] {
        if !text.is_empty() {
            out.extend([", ", word, " ", text]);
        }
    }
    out
}

fn namespace(change: &NamespaceChange) -> String {
    match change {
        NamespaceChange::Setns(types) => format!("entered other namespaces: {}", types.names()),
        NamespaceChange::Unshare(types) => format!("went into new namespaces: {}", types.names()),
        NamespaceChange::Clone(types) => format!("made a process in new namespaces: {}", types.names()),
        NamespaceChange::Chroot(path) => format!("made {path} its root"),
    }
}

fn file(call: &FileCall) -> String {
    let path = &call.path;
    match &call.operation {
        FileOperation::Open(_) => format!("opened {path} for reading"),
        FileOperation::Write(_) => format!("opened {path} for writing"),
        FileOperation::Create { .. } => format!("created {path}"),
        FileOperation::Rename { to } => format!("renamed {path} to {to}"),
        FileOperation::Unlink => format!("deleted {path}"),
        FileOperation::Rmdir => format!("removed the directory {path}"),
        FileOperation::Link { existing } => format!("linked {path} to {existing}"),
        FileOperation::Symlink { text } => format!("made the symbolic link {path} to {text}"),
        FileOperation::Chmod { mode } => format!("changed the mode of {path} to {mode:04o}"),
        FileOperation::Chown { uid, gid } => {
            format!("changed the owner of {path} to {}:{}", id(uid.as_ref()), id(gid.as_ref()))
        }
        FileOperation::Mknod { mode, .. } => format!("made the node {path} with mode {mode:o}"),
    }
}

fn id(id: Option<&impl Display>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

fn access(access: &Access) -> String {
    let target = target(&access.target);
    match access.request {
        AccessRequest::Attach | AccessRequest::Seize => format!("attached to {target}"),
        AccessRequest::TraceMe => format!("lets itself be traced by {target}"),
        AccessRequest::Poke | AccessRequest::Write => format!("wrote to the memory of {target}"),
        AccessRequest::Read => format!("read the memory of {target}"),
    }
}

fn target(target: &Target) -> String {
    match target {
        Target::Process(process) => format!("{} (pid {})", process.name, process.key.pid),
        Target::Key(_) | Target::Number(_) => format!("process {}", target.pid()),
    }
}

fn module(module: &Module) -> String {
    match module {
        Module::Load(bytes) => format!("loaded a kernel module of {bytes} bytes from memory"),
        Module::LoadFile(path) => format!("loaded the kernel module {path}"),
        Module::Unload(name) => format!("unloaded the kernel module {name}"),
    }
}

fn bpf(bpf: &Bpf) -> String {
    let type_name = bpf.type_name().map(|name| name.to_string()).unwrap_or_default();
    match bpf {
        Bpf::ProgramLoad { name, .. } => format!("loaded the BPF program `{name}` ({type_name})"),
        Bpf::MapCreate { name, .. } => format!("made the BPF map `{name}` ({type_name})"),
        Bpf::Other(_) => format!("called bpf: {}", bpf.command_name()),
    }
}

fn credentials(change: &CredentialsChange) -> String {
    let (before, after) = (change.before, change.after);
    let mut parts = Vec::new();
    for (what, old, new) in [
        ("uid", before.uid, after.uid),
        ("euid", before.euid, after.euid),
        ("gid", before.gid, after.gid),
        ("egid", before.egid, after.egid),
    ] {
        if old != new {
            parts.push(format!("{what} {old} to {new}"));
        }
    }
    let gained = change.gained().names();
    if !gained.is_empty() {
        parts.push(format!("gained {gained}"));
    }
    if parts.is_empty() {
        parts.push("fewer capabilities".to_owned());
    }
    format!("changed its credentials: {}", parts.join(", "))
}
