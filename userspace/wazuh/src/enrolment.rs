//! How an agent gets its key: one line over TLS to the manager's port 1515, and one line back.

mod exchange;
mod refusal;
mod reply;
mod request;

pub use self::{
    exchange::{ENROL_TIME, EnrolError, enrol},
    refusal::Refusal,
    reply::{REPLY_BYTES, ReplyError, parse_reply},
    request::{Enrolment, RequestError, SourceAddress},
};
