//! The part of an event that a field reads.

use std::net::SocketAddr;

use super::{AncestorPart, Texts, Value};
use crate::{
    Access, Action, Bpf, Connect, CpuUsage, CredentialsChange, Descriptor, Event, Exit, FileCall, IoUring,
    Memfd, Module, Mount, MountOperation, Names, NamespaceChange, Operation, Outcome, Pod, Process, Signal,
    Socket, Target,
};

pub(super) fn process(event: &Event) -> &Process {
    &event.process
}

/// The pod of the process's container.
pub(super) fn pod(event: &Event) -> Option<&Pod> {
    event.process.container.as_ref()?.pod.as_ref()
}

pub(super) fn parent(event: &Event) -> Option<&Process> {
    event.process.parent.as_deref()
}

pub(super) fn ancestors(event: &Event, part: AncestorPart) -> Option<Value<'_>> {
    parent(event)?;
    Some(Value::Texts(Texts::Ancestors(&event.process, part)))
}

pub(super) const fn exit(event: &Event) -> Option<Exit> {
    match event.action {
        Action::Exit(exit) => Some(exit),
        _ => None,
    }
}

pub(super) const fn connect(event: &Event) -> Option<&Connect> {
    match &event.action {
        Action::Connect(connect) => Some(connect),
        _ => None,
    }
}

pub(super) const fn cpu(event: &Event) -> Option<CpuUsage> {
    match event.action {
        Action::Cpu(usage) => Some(usage),
        _ => None,
    }
}

pub(super) fn outcome(event: &Event) -> Option<Outcome> {
    event.call().map(|call| call.outcome)
}

macro_rules! operations {
    ($($name:ident $variant:ident $part:ty;)*) => {$(
        pub(super) const fn $name(event: &Event) -> Option<&$part> {
            match event.operation() {
                Some(Operation::$variant(part)) => Some(part),
                _ => None,
            }
        }
    )*};
}

operations! {
    exec_failed ExecFailed str;
    mount Mount Mount;
    namespace Namespace NamespaceChange;
    file File FileCall;
    descriptor Descriptor Descriptor;
    access Access Access;
    memfd Memfd Memfd;
    module Module Module;
    bpf Bpf Bpf;
    credentials Credentials CredentialsChange;
    signal Signal Signal;
    io_uring IoUring IoUring;
}

pub(super) fn socket(event: &Event) -> Option<&Socket> {
    match event.operation()? {
        Operation::Socket(call) => Some(&call.socket),
        Operation::Descriptor(descriptor) => Some(&descriptor.socket),
        _ => None,
    }
}

/// The local end of whatever connection it is about.
pub(super) fn local(event: &Event) -> Option<SocketAddr> {
    connect(event).map_or_else(|| socket(event)?.local(), |connect| connect.source)
}

/// The remote end of whatever connection it is about.
pub(super) fn remote(event: &Event) -> Option<SocketAddr> {
    connect(event).map_or_else(|| socket(event)?.remote(), |connect| Some(connect.destination))
}

pub(super) fn target(event: &Event) -> Option<&Target> {
    match event.operation()? {
        Operation::Access(access) => Some(&access.target),
        Operation::Signal(signal) => Some(&signal.target),
        _ => None,
    }
}

/// The directory that became the root.
pub(super) fn new_root(event: &Event) -> Option<&str> {
    match event.operation()? {
        Operation::Namespace(NamespaceChange::Chroot(path)) => Some(path),
        Operation::Mount(mount) if mount.operation == MountOperation::PivotRoot => Some(&mount.source),
        _ => None,
    }
}

/// Text that is there.
pub(super) fn text(text: &str) -> Option<Value<'_>> {
    (!text.is_empty()).then(|| text.into())
}

/// Names joined with commas, where there are any.
pub(super) fn names(names: Names) -> Option<Value<'static>> {
    (!names.is_empty()).then_some(Value::Names(names))
}
