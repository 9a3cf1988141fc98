//! The server as callers see it: over real connections, with a gate that answers by the token.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

mod answers;
mod certificates;
mod fake_gate;
mod hostile;
mod secret;
mod station;
