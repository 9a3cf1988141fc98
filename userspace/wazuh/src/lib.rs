//! The protocol of Wazuh's agents 4.x, as an agent speaks it.

#![forbid(unsafe_code)]

mod enrolment;
mod version;

pub use self::{
    enrolment::{
        ENROL_TIME, EnrolError, Enrolment, REPLY_BYTES, Refusal, ReplyError, RequestError, SourceAddress, enrol,
        parse_reply,
    },
    version::{AgentVersion, InvalidVersion, Ladder, refuses_version},
};
