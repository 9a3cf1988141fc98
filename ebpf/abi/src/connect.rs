use crate::{Header, Task, wire};

/// [`Connect::outcome`]: established, or for UDP the peer is set.
pub const CONNECT_SUCCESS: u16 = 0;
/// [`Connect::outcome`]: not known yet; another record with `resolution` follows.
pub const CONNECT_IN_PROGRESS: u16 = 1;
/// [`Connect::outcome`]: failed with [`Connect::errno`].
pub const CONNECT_FAILED: u16 = 2;
/// [`Connect::outcome`]: the caller gave up before the handshake ended.
pub const CONNECT_ABORTED: u16 = 3;

wire! {
    /// An outgoing connection.
    ///
    /// TCP is reported from the socket's own state changes (tracepoint inet_sock_set_state), whichever system
    /// call, io_uring included, began it. Other protocols, and TCP attempts that fail before the first packet,
    /// are reported at the return of connect(2).
    pub struct Connect [144] {
        /// The beginning.
        pub header: Header,
        /// The process that asked for it, also when the outcome came in an interrupt.
        pub task: Task,
        /// AF_INET (2) or AF_INET6 (10).
        pub family: u16,
        /// IPPROTO_* number.
        pub protocol: u16,
        /// Local port; 0 when not chosen.
        pub source_port: u16,
        /// Remote port.
        pub destination_port: u16,
        /// Local address; IPv4 in the first four bytes.
        pub source: [u8; 16],
        /// Remote address; IPv4 in the first four bytes.
        pub destination: [u8; 16],
        /// CONNECT_*.
        pub outcome: u16,
        /// 1: how an attempt that was reported as in progress ended.
        pub resolution: u16,
        /// Errno of a failed one.
        pub errno: u32,
        /// From the attempt to the outcome, in nanoseconds; 0 when not measured.
        pub latency_ns: u64,
    }
}
