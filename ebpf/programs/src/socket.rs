//! Files and sockets behind descriptors, and what is done with sockets besides TCP and UDP connections.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use rampart_abi::{ABSENT, CALL_VALUES, Operation, SocketValues, WATCH_MODIFY, WATCH_READ};

use crate::{
    call::{self, Draft, Room},
    emit,
    kernel::{Object, Pointer, offset},
    syscall::Return,
    task, watch,
};

pub(crate) const AF_UNIX: u16 = 1;
pub(crate) const AF_INET: u16 = 2;
pub(crate) const AF_INET6: u16 = 10;
const AF_PACKET: u16 = 17;
const SOCK_RAW: u16 = 3;

/// `S_IFSOCK` among the bits of the file type.
const S_IFMT: u16 = 0o170_000;
const S_IFSOCK: u16 = 0o140_000;

// include/uapi/linux/fcntl.h
const F_DUPFD: u64 = 0;
const F_DUPFD_CLOEXEC: u64 = 1030;

/// The open file of a descriptor; null when there is none.
#[inline(always)]
pub(crate) fn file_of(files: Object, descriptor: u32) -> Pointer {
    let table = files.follow(offset!(files_fdt));
    let size: u32 = table.at(offset!(fdt_max_fds)).read();
    if descriptor >= size {
        return Pointer::NULL;
    }
    table.follow(offset!(fdt_fd)).pointer().follow(descriptor.wrapping_mul(8))
}

/// What a descriptor refers to.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    /// `i_mode`; 0 when the descriptor is closed.
    pub(crate) mode: u16,
    /// The major number of the device that it is, else 0.
    pub(crate) major: u16,
}

/// MINORBITS (include/linux/kdev_t.h).
const MINOR_BITS: u32 = 20;

/// What a descriptor refers to. Of none all that is read is 0.
#[inline(always)]
pub(crate) fn node_of(files: Object, descriptor: u32) -> Node {
    let inode = file_of(files, descriptor).follow(offset!(file_inode));
    let device: u32 = inode.at(offset!(inode_device)).read();
    Node { mode: inode.at(offset!(inode_mode)).read(), major: (device >> MINOR_BITS) as u16 }
}

#[inline(always)]
fn mode_of_file(file: Pointer) -> u16 {
    if file.is_null() { 0 } else { file.follow(offset!(file_inode)).at(offset!(inode_mode)).read() }
}

/// The socket of a file that is one.
#[inline(always)]
pub(crate) fn sock_of(file: Pointer) -> Pointer {
    file.follow(offset!(file_private_data)).follow(offset!(socket_sk))
}

#[tracepoint(category = "syscalls", name = "sys_exit_bind")]
pub(crate) fn sys_exit_bind(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    report(Operation::Bind, call.argument(0) as u32, call.errno());
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_listen")]
pub(crate) fn sys_exit_listen(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    report(Operation::Listen, call.argument(0) as u32, call.errno());
    0
}

/// accept and accept4: all is in the new socket.
#[tracepoint(category = "syscalls", name = "sys_exit_accept")]
pub(crate) fn sys_exit_accept(ctx: TracePointContext) -> u32 {
    let value = Return::value_of(&ctx);
    if value >= 0 {
        report(Operation::Accept, value as u32, 0);
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_socket")]
pub(crate) fn sys_exit_socket(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let (family, kind) = (call.argument(0) as u16, call.argument(1) as u16 & 0xf);
    if family == AF_PACKET || (kind == SOCK_RAW && matches!(family, AF_INET | AF_INET6)) {
        // A packet socket's protocol is given in network order.
        let protocol = call.argument(2) as u16;
        let protocol = if family == AF_PACKET { u16::from_be(protocol) } else { protocol };
        let first = SocketValues { family, kind, protocol, descriptor: call.value as u16 };
        call::send(Operation::RawSocket, call.errno(), call::values(first.pack(), 0, 0));
    }
    0
}

/// dup2 and dup3, whose new descriptor is what they return; and dup.
#[tracepoint(category = "syscalls", name = "sys_exit_dup2")]
pub(crate) fn sys_exit_dup(ctx: TracePointContext) -> u32 {
    duplicated(Return::value_of(&ctx));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_fcntl")]
pub(crate) fn sys_exit_fcntl(ctx: TracePointContext) -> u32 {
    if matches!(Return::value_of(&ctx), 0..=2) {
        let call = Return::of(&ctx);
        if matches!(call.argument(1), F_DUPFD | F_DUPFD_CLOEXEC) {
            duplicated(call.value);
        }
    }
    0
}

#[inline(always)]
fn duplicated(value: i64) {
    if !matches!(value, 0..=2) {
        return;
    }
    let file = file_of(task::current().follow(offset!(task_files)), value as u32);
    if mode_of_file(file) & S_IFMT == S_IFSOCK {
        let sock = sock_of(file);
        call::send(Operation::Dup, 0, values(sock, value as u16));
    }
}

#[inline(always)]
fn report(operation: Operation, descriptor: u32, errno: u32) {
    let file = file_of(task::current().follow(offset!(task_files)), descriptor);
    if mode_of_file(file) & S_IFMT != S_IFSOCK {
        return;
    }
    let sock = sock_of(file);
    let family: u16 = sock.at(offset!(sock_family)).read();
    match family {
        AF_INET | AF_INET6 | AF_PACKET => call::send(operation, errno, values(sock, descriptor as u16)),
        AF_UNIX => named(operation, sock, sock.follow(offset!(unix_address)), errno, descriptor as u16),
        _ => {}
    }
}

/// A connection to a unix socket that somebody wants to hear of. Its path is the one of the peer.
#[inline(always)]
pub(crate) fn unix_connected(sock: Pointer, errno: u32, descriptor: u32) {
    let peer = sock.follow(offset!(unix_peer));
    if offset!(unix_path) == ABSENT || peer.is_null() {
        return;
    }
    let path = peer.at(offset!(unix_path));
    if path.follow(offset!(path_dentry)).is_null() || !watch::is_wanted(path, WATCH_READ | WATCH_MODIFY) {
        return;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(Operation::UnixConnect.kind()) };
    draft.resolved(0, path).send(Operation::UnixConnect, 0, errno, values(sock, descriptor as u16));
}

/// An operation on a unix socket that has a name. Abstract names begin with a NUL, which is left out.
#[inline(always)]
fn named(operation: Operation, sock: Pointer, address: Pointer, errno: u32, descriptor: u16) {
    if address.is_null() {
        return;
    }
    // struct sockaddr_un: the path stands behind the family.
    let path = address.at(offset!(unix_address_name)).at(2);
    let is_abstract = path.read::<u8>() == 0;
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(operation.kind()) };
    if is_abstract {
        draft.piece(0, |names| names.add_name(path.at(1)))
    } else {
        draft.given_in_kernel(0, call::AT_FDCWD, path)
    }
    .send(operation, 0, errno, values(sock, descriptor));
}

/// Numbers of a socket, as in [`SocketValues`].
#[inline(always)]
fn values(sock: Pointer, descriptor: u16) -> [u64; CALL_VALUES] {
    let family: u16 = sock.at(offset!(sock_family)).read();
    let kind: u16 = sock.at(offset!(sock_type)).read();
    let protocol: u16 = sock.at(offset!(sock_protocol)).read();
    let first = SocketValues { family, kind, protocol, descriptor }.pack();
    if family != AF_INET && family != AF_INET6 {
        return [first, 0, 0, 0, 0, 0];
    }
    let local_port: u16 = sock.at(offset!(sock_num)).read();
    let remote_port = u16::from_be(sock.at(offset!(sock_dport)).read());
    let ports = u64::from(local_port) | u64::from(remote_port) << 16;
    if family == AF_INET {
        let local: u32 = sock.at(offset!(sock_rcv_saddr)).read();
        let remote: u32 = sock.at(offset!(sock_daddr)).read();
        return [first, ports, u64::from(local), 0, u64::from(remote), 0];
    }
    let (local, remote) = (sock.at(offset!(sock_v6_rcv_saddr)), sock.at(offset!(sock_v6_daddr)));
    [first, ports, local.read(), local.at(8).read(), remote.read(), remote.at(8).read()]
}
