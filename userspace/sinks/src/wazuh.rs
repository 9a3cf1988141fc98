//! Findings as messages to Wazuh's manager: each in the form that the manager's own rules and dashboards know, where there is
//! one.
//!
//! | finding | message |
//! |---|---|
//! | of an event, of rampart's own health | `1:rampart:{"rampart":{…}}`, see [`WazuhEncoder`] |
//! | a check came out otherwise, a policy was scanned | `p:sca:{…}` |
//! | a file has changed | `8:syscheck:{…}` |
//! | a policy does not apply | none: the manager forgets policies that are not among those of [`Snapshots::policies`] |

mod config;
mod cut;
mod ecs;
mod encode;
mod fim;
mod sca;
mod sink;
mod snapshots;

pub use self::{
    config::{Config, Enrolment, FullManager, Manager, Verify},
    encode::{MESSAGE_BYTES, WazuhEncoder},
    sink::Agent,
    snapshots::{Published, Snapshots},
};
