//! Requests to enrol.

use std::net::SocketAddr;

/// A request to enrol, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// From where.
    pub peer: SocketAddr,
    /// What was asked for; what could not be parsed is absent.
    pub request: Request,
    /// The answer, such as `OSSEC K:'001 node1 any …'` or `ERROR: Invalid password`, without an end of line.
    pub reply: String,
}

/// The fields of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// `OSSEC PASS: `.
    pub password: Option<String>,
    /// `A:`.
    pub name: String,
    /// `V:`, such as `v4.14.7`.
    pub version: Option<String>,
    /// `G:`, in order.
    pub groups: Vec<String>,
    /// `IP:`: an address or `src`.
    pub address: Option<String>,
    /// `K:`: hash of the key that the agent has.
    pub key_hash: Option<String>,
}
