//! For tests only: samples of everything that flows through the daemon, and a fake of what it talks to.

#![forbid(unsafe_code)]

pub mod manager;
pub mod sample;
