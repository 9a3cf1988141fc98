//! An agent and fake managers, over real sockets.

mod agent;
mod commands;
mod delivery;
mod failover;
