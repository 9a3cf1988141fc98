//! An agent and fake managers, over real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod agent;
mod commands;
mod delivery;
mod failover;
mod registration;
