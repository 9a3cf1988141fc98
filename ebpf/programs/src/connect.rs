//! Outgoing connections.
//!
//! A TCP handshake is followed by its socket: it begins with the change to SYN_SENT, in the caller's context and
//! whichever call began it, and ends with the change to ESTABLISHED or CLOSE, often in an interrupt. Where it
//! ends within the call (loopback) there is one record; else one at once and one with the outcome.

use aya_ebpf::{
    helpers::{bpf_ktime_get_boot_ns, bpf_probe_read_user, generated},
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use rampart_abi::{
    ABSENT, CONNECT_ABORTED, CONNECT_FAILED, CONNECT_IN_PROGRESS, CONNECT_SUCCESS, Connect, Kind, Task,
};

use crate::{
    emit,
    kernel::{Pointer, offset},
    maps::{ATTEMPTS, CONNECT_CALLS},
    socket,
    syscall::argument,
    task,
};

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const IPPROTO_TCP: u16 = 6;
const IPPROTO_UDP: u16 = 17;

// enum in include/net/tcp_states.h
const TCP_ESTABLISHED: i32 = 1;
const TCP_SYN_SENT: i32 = 2;
const TCP_CLOSE: i32 = 7;

const EPERM: i64 = 1;
const EACCES: i64 = 13;
const EADDRINUSE: i64 = 98;
const EADDRNOTAVAIL: i64 = 99;
const ENETUNREACH: i64 = 101;
const EINPROGRESS: i64 = 115;

/// A call of connect(2) that has not returned.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Call {
    /// The user's struct sockaddr.
    address: u64,
    /// The socket whose handshake it began, else 0.
    sock: u64,
    descriptor: u32,
    address_length: u32,
}

/// A TCP handshake under way.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Attempt {
    task: Task,
    started_ns: u64,
    /// 1 when a record of it has been sent.
    reported: u64,
}

/// An address in the caller's memory, for calls that left none in the kernel.
#[derive(Clone, Copy)]
struct UserAddress {
    family: u16,
    port: u16,
    ipv4: u32,
    /// Where sin6_addr stands.
    ipv6: u64,
}

/// How it went.
#[derive(Clone, Copy)]
struct Outcome {
    result: u16,
    resolution: u16,
    errno: u32,
    latency_ns: u64,
}

impl Outcome {
    const IN_PROGRESS: Self = Self { result: CONNECT_IN_PROGRESS, resolution: 0, errno: 0, latency_ns: 0 };

    const fn of_return(value: i64) -> Self {
        let result = match -value {
            0 => CONNECT_SUCCESS,
            EINPROGRESS => CONNECT_IN_PROGRESS,
            _ => CONNECT_FAILED,
        };
        Self { result, resolution: 0, errno: (-value) as u32, latency_ns: 0 }
    }
}

#[btf_tracepoint(function = "inet_sock_set_state")]
pub(crate) fn inet_sock_set_state(ctx: BtfTracePointContext) -> i32 {
    let sock = Pointer::new(ctx.arg::<*const u8>(0));
    match ctx.arg::<i32>(2) {
        TCP_SYN_SENT => begin(sock),
        TCP_ESTABLISHED => end(sock, true),
        TCP_CLOSE => end(sock, false),
        _ => {}
    }
    0
}

#[inline(always)]
fn begin(sock: Pointer) {
    let protocol: u16 = sock.at(offset!(sock_protocol)).read();
    if protocol != IPPROTO_TCP {
        return;
    }
    let early = !is_loopback(sock);
    // SAFETY: the helper has no conditions.
    let started_ns = unsafe { bpf_ktime_get_boot_ns() };
    let attempt = Attempt { task: task::of_current(), started_ns, reported: u64::from(early) };
    let tracked = ATTEMPTS.insert(sock.address(), attempt, 0).is_ok();
    if early || !tracked {
        send(&attempt.task, sock, Outcome::IN_PROGRESS, None);
    }
    if let Some(call) = CONNECT_CALLS.get_ptr_mut(task::current_thread()) {
        // SAFETY: this thread's own entry.
        unsafe { (*call).sock = sock.address() };
    }
}

#[inline(always)]
fn end(sock: Pointer, established: bool) {
    let Some(attempt) = ATTEMPTS.get_ptr(sock.address()) else { return };
    // SAFETY: an entry of the map; the socket is still this attempt's.
    let attempt = unsafe { &*attempt };
    let errno: u32 = if established { 0 } else { sock.at(offset!(sock_err)).read() };
    let result = match (established, errno) {
        (true, _) => CONNECT_SUCCESS,
        (false, 0) => CONNECT_ABORTED,
        (false, _) => CONNECT_FAILED,
    };
    // SAFETY: the helper has no conditions.
    let now_ns = unsafe { bpf_ktime_get_boot_ns() };
    let latency_ns = now_ns.wrapping_sub(attempt.started_ns);
    let resolution = attempt.reported as u16;
    send(&attempt.task, sock, Outcome { result, resolution, errno, latency_ns }, None);
    ATTEMPTS.remove(sock.address()).unwrap_or_default();
}

#[tracepoint(category = "syscalls", name = "sys_enter_connect")]
pub(crate) fn sys_enter_connect(ctx: TracePointContext) -> u32 {
    let call = Call {
        address: argument(&ctx, 1),
        sock: 0,
        descriptor: argument(&ctx, 0) as u32,
        address_length: argument(&ctx, 2) as u32,
    };
    // When the map is full the call is missed only if it is not TCP: TCP is seen by its socket.
    CONNECT_CALLS.insert(task::current_thread(), call, 0).unwrap_or_default();
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_connect")]
pub(crate) fn sys_exit_connect(ctx: TracePointContext) -> u32 {
    let thread = task::current_thread();
    // SAFETY: copied at once; this thread's own entry.
    let Some(call) = (unsafe { CONNECT_CALLS.get(thread).copied() }) else { return 0 };
    CONNECT_CALLS.remove(thread).unwrap_or_default();
    let value = argument(&ctx, 0) as i64;
    if call.sock == 0 {
        other(call, value);
    } else {
        handshake(call, value);
    }
    0
}

/// A TCP handshake that outlives its call is reported now, unless it was.
#[inline(always)]
fn handshake(call: Call, value: i64) {
    if -value != EINPROGRESS {
        return;
    }
    let Some(attempt) = ATTEMPTS.get_ptr_mut(call.sock) else { return };
    // SAFETY: an entry of the map; at worst it is another socket's by now.
    unsafe {
        if (*attempt).reported == 0 {
            (*attempt).reported = 1;
            send(&(*attempt).task, Pointer::new(call.sock as *const u8), Outcome::IN_PROGRESS, None);
        }
    }
}

/// A call that began no TCP handshake.
#[inline(always)]
fn other(call: Call, value: i64) {
    let files = task::current().follow(offset!(task_files));
    let file = socket::file_of(files, call.descriptor);
    let sock = file.follow(offset!(file_private_data)).follow(offset!(socket_sk));
    let family: u16 = sock.at(offset!(sock_family)).read();
    if family != AF_INET && family != AF_INET6 {
        return;
    }
    let protocol: u16 = sock.at(offset!(sock_protocol)).read();
    if protocol == IPPROTO_TCP && !matches!(-value, EPERM | EACCES | EADDRINUSE | EADDRNOTAVAIL | ENETUNREACH)
    {
        // A second call on a socket whose handshake was reported.
        return;
    }
    let who = task::of_current();
    // Two calls of `send`, not one with a computed Option: what an empty one leaves unset the verifier must not see.
    if value < 0 {
        if let Some(address) = read_address(&call) {
            send(&who, sock, Outcome::of_return(value), Some(address));
        }
        return;
    }
    // What the kernel took is in the socket: the caller's memory may have changed since. A UDP socket without a port
    // has dissolved its peer (AF_UNSPEC), or the resolver library sorts addresses with it.
    let port: u16 = sock.at(offset!(sock_dport)).read();
    if protocol != IPPROTO_UDP || port != 0 {
        send(&who, sock, Outcome::of_return(value), None);
    }
}

/// The caller's address, where it is of the families reported.
#[inline(always)]
fn read_address(call: &Call) -> Option<UserAddress> {
    // SAFETY: the helper checks the address.
    let head: u64 = unsafe { bpf_probe_read_user(call.address as *const u64) }.ok()?;
    let [family_low, family_high, port_high, port_low, a, b, c, d] = head.to_ne_bytes();
    let family = u16::from_ne_bytes([family_low, family_high]);
    let shortest = if family == AF_INET6 { 24 } else { 8 };
    if (family != AF_INET && family != AF_INET6) || call.address_length < shortest {
        return None;
    }
    Some(UserAddress {
        family,
        port: u16::from_be_bytes([port_high, port_low]),
        ipv4: u32::from_ne_bytes([a, b, c, d]),
        ipv6: call.address.wrapping_add(8),
    })
}

#[inline(always)]
fn is_loopback(sock: Pointer) -> bool {
    let family: u16 = sock.at(offset!(sock_family)).read();
    if family == AF_INET {
        return sock.at(offset!(sock_daddr)).read::<u8>() == 127;
    }
    let address = sock.at(offset!(sock_v6_daddr));
    let tail = u64::from_be(address.at(8).read::<u64>());
    // ::1 and ::ffff:127.0.0.0/104
    address.read::<u64>() == 0 && (tail == 1 || tail >> 24 == 0xff_ff7f)
}

#[inline(always)]
fn send(task: &Task, sock: Pointer, outcome: Outcome, address: Option<UserAddress>) {
    emit::fixed(Kind::Connect, |record: *mut Connect| {
        // SAFETY: the ring buffer's reservation.
        unsafe {
            (*record).task = *task;
            (*record).outcome = outcome.result;
            (*record).resolution = outcome.resolution;
            (*record).errno = outcome.errno;
            (*record).latency_ns = outcome.latency_ns;
            fill_ends(record, sock);
            if let Some(address) = address {
                fill_destination(record, address);
            }
        }
    });
}

/// Both ends, as the socket has them.
#[inline(always)]
unsafe fn fill_ends(record: *mut Connect, sock: Pointer) {
    // SAFETY: `record` is the ring buffer's reservation, by the caller's promise.
    unsafe {
        let family: u16 = sock.at(offset!(sock_family)).read();
        (*record).family = family;
        (*record).protocol = sock.at(offset!(sock_protocol)).read();
        (*record).source_port = sock.at(offset!(sock_num)).read();
        (*record).destination_port = u16::from_be(sock.at(offset!(sock_dport)).read());
        if family == AF_INET6 && offset!(sock_v6_daddr) != ABSENT {
            sock.at(offset!(sock_v6_rcv_saddr)).copy_to(&raw mut (*record).source);
            sock.at(offset!(sock_v6_daddr)).copy_to(&raw mut (*record).destination);
        } else {
            (*record).source = ipv4(sock.at(offset!(sock_rcv_saddr)).read());
            (*record).destination = ipv4(sock.at(offset!(sock_daddr)).read());
        }
    }
}

/// The destination, as the caller gave it.
#[inline(always)]
unsafe fn fill_destination(record: *mut Connect, address: UserAddress) {
    // SAFETY: `record` is the ring buffer's reservation, by the caller's promise; the helper checks the address.
    unsafe {
        (*record).family = address.family;
        (*record).destination_port = address.port;
        if address.family == AF_INET {
            (*record).destination = ipv4(address.ipv4);
        } else {
            let target = (&raw mut (*record).destination).cast();
            generated::bpf_probe_read_user(target, 16, address.ipv6 as *const _);
        }
    }
}

#[inline(always)]
const fn ipv4(address: u32) -> [u8; 16] {
    let [a, b, c, d] = address.to_ne_bytes();
    [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
