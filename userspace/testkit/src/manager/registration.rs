//! What came of requests to enrol.

use std::net::SocketAddr;

use super::enrolment::Request;

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
