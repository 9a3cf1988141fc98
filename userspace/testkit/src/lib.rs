//! For tests only: samples of everything that flows through the daemon.

#![forbid(unsafe_code)]

pub mod sample;
