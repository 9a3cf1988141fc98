use std::net::SocketAddr;

/// Transport protocol of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// Another IP protocol, by its number.
    Other(u16),
}

impl Transport {
    /// ECS `network.transport`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Other(_) => "other",
        }
    }
}

/// How a connection attempt ended, or that it has not ended yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectOutcome {
    /// Established (for UDP: the peer is set).
    Success,
    /// The handshake is under way; a [`ConnectStage::Resolution`] follows.
    InProgress,
    /// The peer refused (ECONNREFUSED).
    Refused,
    /// Given up by the caller before the handshake ended.
    Aborted,
    /// Any other errno.
    Failed(u16),
}

impl ConnectOutcome {
    /// The value of the field `connect.outcome`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::InProgress => "in_progress",
            Self::Refused => "refused",
            Self::Aborted => "aborted",
            Self::Failed(_) => "failed",
        }
    }
}

/// Which of the at most two events of one connection attempt this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectStage {
    /// The attempt itself. Every attempt gives exactly one.
    Attempt,
    /// How an attempt that was [`ConnectOutcome::InProgress`] ended.
    Resolution,
}

/// An outgoing connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// TCP, UDP or other.
    pub transport: Transport,
    /// The local end, where the kernel has chosen it.
    pub source: Option<SocketAddr>,
    /// The remote end. IPv4-mapped IPv6 addresses are given as IPv4.
    pub destination: SocketAddr,
    /// How it ended.
    pub outcome: ConnectOutcome,
    /// The attempt or its later resolution.
    pub stage: ConnectStage,
    /// Nanoseconds from the attempt to the outcome, where both were seen.
    pub latency_ns: Option<u64>,
}
