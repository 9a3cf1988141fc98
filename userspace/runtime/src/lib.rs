//! Events against rules: which rules an event matches, and the findings that this makes.

#![forbid(unsafe_code)]

mod alert;
mod correlation;
mod detector;
mod engine;
mod fields;
mod text;
mod trial;

pub use self::{
    alert::{AlertConfig, RateLimit},
    correlation::{Forgotten, GROUPS, MATCHES},
    detector::{Detector, DetectorCounters},
    engine::{Engine, Match},
    fields::Fields,
    text::TextMatcher,
    trial::{Trial, TrialFailure, try_rules},
};
