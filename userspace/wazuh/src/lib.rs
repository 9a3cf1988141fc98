//! The protocol of Wazuh's agents 4.x, as an agent speaks it.

#![forbid(unsafe_code)]

pub mod sca;
pub mod syscheck;
