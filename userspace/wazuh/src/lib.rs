//! The protocol of Wazuh's agents 4.x, as an agent speaks it: how it enrols, what it holds its key in, how its messages are
//! sealed, what managers say, and how it finds the next of several managers.
//!
//! [`Client`] does all of it: it takes events from an [`Outgoing`] queue, keeps a manager's connection over every outage, and
//! confirms each event once a manager has taken it. [`Status`] shows how it is. The parts can be used alone:
//!
//! A message goes out as [`event`] or [`Keepalive`] makes it, through a [`Sealer`]; what comes in goes through a
//! [`FrameReader`] and an [`Opener`] to [`ManagerMessage::parse`].

#![forbid(unsafe_code)]

mod address;
mod backoff;
mod cipher;
mod client;
mod control;
mod counter;
mod digest;
mod enrolment;
mod event;
mod file;
mod frame;
mod keepalive;
mod key;
mod seal;
mod session;
mod shared;
mod status;
mod system;
mod version;

pub mod sca;
pub mod syscheck;

pub use self::{
    address::{AddressError, ConnectError, ENROLMENT_PORT, EVENTS_PORT, ManagerAddress, ping},
    cipher::CipherError,
    client::{
        Answers, Client, ClientConfig, ConfigError, EnrolmentSettings, Limits, NoAnswers, Outgoing,
        PasswordSource, Step, TlsSource, register,
    },
    control::{ManagerMessage, PING, PONG, SHUTDOWN, response, startup},
    counter::{Counter, CounterFile, InvalidCounter},
    enrolment::{
        ENROL_TIME, EnrolError, Enrolment, REPLY_BYTES, Refusal, ReplyError, RequestError, SourceAddress,
        enrol, parse_reply,
    },
    event::{Queue, event, started},
    file::FileError,
    frame::{FRAME_BYTES, FrameError, FrameReader},
    keepalive::{Keepalive, Label},
    key::{AgentId, AgentKey, KeyAddress, KeyError, KeyFile, KeyFileError},
    seal::{LEVEL, MESSAGE_BYTES, OpenError, Opener, SealError, Sealer},
    status::{Counters, Snapshot, State, Status, Tally, Trouble},
    system::System,
    version::{AgentVersion, InvalidVersion, Ladder, refuses_version},
};
