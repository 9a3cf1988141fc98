//! For tests only: samples of everything that flows through the daemon, and a fake of what it talks to.

#![forbid(unsafe_code)]

#[cfg(feature = "manager")]
pub mod manager;
pub mod sample;
