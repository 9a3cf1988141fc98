//! Drives the real binary on the running kernel. The binary's path comes in RAMPART_BIN.

#![forbid(unsafe_code)]

mod account;
mod agent;
mod bundle;
pub mod detection;
mod lines;
mod recorder;
pub mod scenario;
mod shell;
mod telemetry;

pub use account::Account;
pub use agent::{Agent, Ended, PATIENCE, rampart};
pub use bundle::Bundle;
pub use recorder::{Recorder, Recording};
pub use shell::{Deed, sh, spawn_named};
pub use telemetry::Telemetry;

use serde_json::Value as Json;

/// The value at a JSON pointer as text; empty when there is none.
#[must_use]
pub fn text(json: &Json, pointer: &str) -> String {
    match json.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
