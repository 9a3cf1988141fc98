//! What can be asked of the kernel.

mod file;
mod mount;
mod socket;

use std::sync::Arc;

use rampart_model::{
    Access, AccessRequest, Bpf, Call, CallResult, Capabilities, CredentialsChange, EventKind, Identity,
    IoUring, Memfd, Module, NamespaceChange, NamespaceTypes, Operation, Origin, Outcome, ProcessKey, Signal,
    Target,
};

use super::script;

const EACCES: u16 = 13;
const CLONE_NEWNS: u64 = 0x2_0000;
const CLONE_NEWPID: u64 = 0x2000_0000;
const CLONE_NEWNET: u64 = 0x4000_0000;
const CLONE_NEWUSER: u64 = 0x1000_0000;

/// All of a kind; none of one whose events are no calls.
pub(super) fn calls(kind: EventKind) -> Vec<Call> {
    let operations = match kind {
        EventKind::Exec | EventKind::Fork | EventKind::Exit | EventKind::Connect | EventKind::Cpu => vec![],
        EventKind::ExecFailed => {
            return vec![refused(EACCES, Operation::ExecFailed("/tmp/.x/loader".into()))];
        }
        EventKind::File => return file::calls(),
        EventKind::Mount => mount::mounts(),
        EventKind::Socket => socket::sockets(),
        EventKind::Descriptor => socket::descriptors(),
        EventKind::Namespace => namespaces(),
        EventKind::Access => accesses(),
        EventKind::Memfd => vec![Operation::Memfd(Memfd { name: "payload".into(), flags: 1 | 16 })],
        EventKind::Module => modules(),
        EventKind::Bpf => bpf(),
        EventKind::Credentials => credentials(),
        EventKind::Signal => vec![Operation::Signal(Signal { number: 9, target: known() })],
        EventKind::IoUring => {
            // io_uring_setup(2) with 32 entries, and IORING_OP_URING_CMD.
            vec![Operation::IoUring(IoUring::Setup(32)), Operation::IoUring(IoUring::Submit(46))]
        }
    };
    operations.into_iter().map(done).collect()
}

/// By a system call, and successful.
fn done(operation: Operation) -> Call {
    Call { outcome: Outcome::DONE, operation }
}

/// By a system call, and refused.
fn refused(errno: u16, operation: Operation) -> Call {
    let outcome = Outcome { result: CallResult::Refused(errno), origin: Origin::Syscall };
    Call { outcome, operation }
}

/// By a submission to io_uring, of which no end is seen.
fn submitted(operation: Operation) -> Call {
    let outcome = Outcome { result: CallResult::Unfinished, origin: Origin::IoUring };
    Call { outcome, operation }
}

fn known() -> Target {
    Target::Process(Arc::new(script()))
}

fn namespaces() -> Vec<Operation> {
    [
        NamespaceChange::Setns(NamespaceTypes(CLONE_NEWNS | CLONE_NEWPID)),
        NamespaceChange::Unshare(NamespaceTypes(CLONE_NEWUSER)),
        NamespaceChange::Clone(NamespaceTypes(CLONE_NEWNET)),
        NamespaceChange::Chroot("/host".into()),
    ]
    .map(Operation::Namespace)
    .into()
}

fn accesses() -> Vec<Operation> {
    [
        (AccessRequest::Attach, known()),
        (AccessRequest::Seize, known()),
        (AccessRequest::TraceMe, known()),
        (AccessRequest::Poke, known()),
        (AccessRequest::Read, Target::Number(77)),
        (AccessRequest::Write, Target::Key(ProcessKey::new(78, 4_000_000_000))),
    ]
    .map(|(request, target)| Operation::Access(Access { request, target }))
    .into()
}

fn modules() -> Vec<Operation> {
    [Module::LoadFile("/tmp/rootkit.ko".into()), Module::Load(81_920), Module::Unload("kvm_intel".into())]
        .map(Operation::Module)
        .into()
}

fn bpf() -> Vec<Operation> {
    [
        // BPF_PROG_TYPE_KPROBE, BPF_MAP_TYPE_RINGBUF, BPF_PROG_ATTACH, and a command of the future.
        Bpf::ProgramLoad { program_type: 2, name: "hide_pid".into() },
        Bpf::MapCreate { map_type: 27, name: "events".into() },
        Bpf::Other(8),
        Bpf::Other(999),
    ]
    .map(Operation::Bpf)
    .into()
}

/// To root with capabilities, and back.
fn credentials() -> Vec<Operation> {
    let web = Identity { uid: 33, euid: 33, gid: 33, egid: 33, capabilities: Capabilities(0) };
    let root = Identity { uid: 0, euid: 0, gid: 0, egid: 0, capabilities: Capabilities(1 << 21 | 1 << 13) };
    let fewer = Identity { capabilities: Capabilities(1 << 13), ..root };
    [(web, root), (root, web), (root, fewer)]
        .map(|(before, after)| Operation::Credentials(CredentialsChange { before, after }))
        .into()
}
