//! Where findings go: one module for each sink.

#![forbid(unsafe_code)]

pub mod stdout;
pub mod wazuh;
