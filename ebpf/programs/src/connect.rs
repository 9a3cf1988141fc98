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
    attempt::{self, Attempt},
    emit,
    kernel::{Object, Place, Pointer, offset},
    socket::{self, AF_INET, AF_INET6, AF_UNIX},
    syscall::Return,
    task,
};

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
    let sock = Object::new(ctx.arg::<*const u8>(0));
    match ctx.arg::<i32>(2) {
        TCP_SYN_SENT => begin(sock),
        TCP_ESTABLISHED if ctx.arg::<i32>(1) == TCP_SYN_SENT => end(sock, true),
        TCP_CLOSE if ctx.arg::<i32>(1) == TCP_SYN_SENT => end(sock, false),
        _ => {}
    }
    0
}

#[inline(always)]
fn begin(sock: Object) {
    let protocol: u16 = sock.field(offset!(sock_protocol));
    if protocol != IPPROTO_TCP {
        return;
    }
    // SAFETY: the helper has no conditions.
    let started_ns = unsafe { bpf_ktime_get_boot_ns() };
    if is_loopback(sock) {
        attempt::keep_briefly(sock.pointer().address(), started_ns);
        return;
    }
    let attempt = Attempt { task: task::of_current(), started_ns, reported: 1 };
    attempt::keep(sock.pointer().address(), &attempt);
    send_at(started_ns, &attempt.task, sock, Outcome::IN_PROGRESS, None);
}

#[inline(always)]
fn end(sock: Object, established: bool) {
    // Not by a closure: the compiler makes a function of one this size, and stacks are small (512 bytes for all that call
    // each other).
    let Some(found) = attempt::find(sock.pointer().address()) else { return };
    let attempt = found.attempt();
    let errno: u32 = if established { 0 } else { sock.field(offset!(sock_err)) };
    let result = match (established, errno) {
        (true, _) => CONNECT_SUCCESS,
        (false, 0) => CONNECT_ABORTED,
        (false, _) => CONNECT_FAILED,
    };
    // SAFETY: the helper has no conditions.
    let now_ns = unsafe { bpf_ktime_get_boot_ns() };
    let latency_ns = now_ns.wrapping_sub(attempt.started_ns);
    let resolution = attempt.reported as u16;
    send_at(now_ns, &attempt.task, sock, Outcome { result, resolution, errno, latency_ns }, None);
    found.forget(sock.pointer().address());
}

#[tracepoint(category = "syscalls", name = "sys_exit_connect")]
pub(crate) fn sys_exit_connect(ctx: TracePointContext) -> u32 {
    // Asked in any case: it is true once.
    let began = attempt::began_here();
    if began && -Return::value_of(&ctx) != EINPROGRESS {
        return 0;
    }
    let call = Return::of(&ctx);
    let descriptor = call.argument(0) as u32;
    let file = socket::file_of(task::current().follow(offset!(task_files)), descriptor);
    let sock = socket::sock_of(file);
    let family: u16 = sock.field(offset!(sock_family));
    match family {
        AF_INET | AF_INET6 => {
            let protocol: u16 = sock.field(offset!(sock_protocol));
            if protocol == IPPROTO_TCP {
                handshake(call, sock);
            } else {
                other(call, sock, protocol);
            }
        }
        AF_UNIX => socket::unix_connected(sock, call.errno(), descriptor),
        _ => {}
    }
    0
}

/// A TCP handshake that outlives its call is reported now, unless it was; so is one that never began.
#[inline(always)]
fn handshake(call: Return, sock: Pointer) {
    if matches!(-call.value, EPERM | EACCES | EADDRINUSE | EADDRNOTAVAIL | ENETUNREACH) {
        failed(call, sock);
        return;
    }
    if -call.value != EINPROGRESS {
        return;
    }
    attempt::outlives_call(sock.address(), |attempt| send(&attempt.task, sock, Outcome::IN_PROGRESS, None));
}

/// A call that began no TCP handshake.
#[inline(always)]
fn other(call: Return, sock: Pointer, protocol: u16) {
    if !call.succeeded() {
        failed(call, sock);
        return;
    }
    // What the kernel took is in the socket: the caller's memory may have changed since. A UDP socket without a port
    // has dissolved its peer (AF_UNSPEC), or the resolver library sorts addresses with it.
    let port: u16 = sock.field(offset!(sock_dport));
    if protocol != IPPROTO_UDP || port != 0 {
        send(&task::of_current(), sock, Outcome::of_return(call.value), None);
    }
}

/// A call that left no address in the socket. It has a `send` of its own: with a computed Option the verifier
/// would see what an empty one leaves unset.
#[inline(always)]
fn failed(call: Return, sock: Pointer) {
    if let Some(address) = read_address(call.argument(1), call.argument(2) as u32) {
        send(&task::of_current(), sock, Outcome::of_return(call.value), Some(address));
    }
}

/// The caller's address, where it is of the families reported.
#[inline(always)]
fn read_address(place: u64, length: u32) -> Option<UserAddress> {
    // SAFETY: the helper checks the address.
    let head: u64 = unsafe { bpf_probe_read_user(place as *const u64) }.ok()?;
    let [family_low, family_high, port_high, port_low, a, b, c, d] = head.to_ne_bytes();
    let family = u16::from_ne_bytes([family_low, family_high]);
    let shortest = if family == AF_INET6 { 24 } else { 8 };
    if (family != AF_INET && family != AF_INET6) || length < shortest {
        return None;
    }
    Some(UserAddress {
        family,
        port: u16::from_be_bytes([port_high, port_low]),
        ipv4: u32::from_ne_bytes([a, b, c, d]),
        ipv6: place.wrapping_add(8),
    })
}

#[inline(always)]
fn is_loopback(sock: Object) -> bool {
    let family: u16 = sock.field(offset!(sock_family));
    if family == AF_INET {
        return sock.field::<u32>(offset!(sock_daddr)) as u8 == 127;
    }
    let tail = u64::from_be(sock.field::<u64>(offset!(sock_v6_daddr).wrapping_add(8)));
    // ::1 and ::ffff:127.0.0.0/104
    sock.field::<u64>(offset!(sock_v6_daddr)) == 0 && (tail == 1 || tail >> 24 == 0xff_ff7f)
}

#[inline(always)]
fn send(task: &Task, sock: impl Place, outcome: Outcome, address: Option<UserAddress>) {
    // SAFETY: the helper has no conditions.
    send_at(unsafe { bpf_ktime_get_boot_ns() }, task, sock, outcome, address);
}

#[inline(always)]
fn send_at(time_ns: u64, task: &Task, sock: impl Place, outcome: Outcome, address: Option<UserAddress>) {
    emit::fixed_at(
        Kind::Connect,
        time_ns,
        || (task.pid, task.start_ns),
        |record: *mut Connect| {
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
        },
    );
}

/// Both ends, as the socket has them.
#[inline(always)]
unsafe fn fill_ends(record: *mut Connect, sock: impl Place) {
    // SAFETY: `record` is the ring buffer's reservation, by the caller's promise.
    unsafe {
        let family: u16 = sock.field(offset!(sock_family));
        (*record).family = family;
        (*record).protocol = sock.field(offset!(sock_protocol));
        (*record).source_port = sock.field(offset!(sock_num));
        (*record).destination_port = u16::from_be(sock.field(offset!(sock_dport)));
        if family == AF_INET6 && offset!(sock_v6_daddr) != ABSENT {
            (*record).source = ipv6(sock, offset!(sock_v6_rcv_saddr));
            (*record).destination = ipv6(sock, offset!(sock_v6_daddr));
        } else {
            (*record).source = ipv4(sock.field(offset!(sock_rcv_saddr)));
            (*record).destination = ipv4(sock.field(offset!(sock_daddr)));
        }
    }
}

#[inline(always)]
fn ipv6(sock: impl Place, offset: u32) -> [u8; 16] {
    let halves: [u64; 2] = [sock.field(offset), sock.field(offset.wrapping_add(8))];
    // SAFETY: any bytes make an address.
    unsafe { core::mem::transmute(halves) }
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
