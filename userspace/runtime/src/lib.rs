//! Events against rules: which rules an event matches, and the findings that this makes.

#![forbid(unsafe_code)]

mod detector;
mod engine;
mod fields;
mod text;
mod trial;

pub use self::{
    detector::Detector,
    engine::Engine,
    fields::Fields,
    text::TextMatcher,
    trial::{Trial, TrialFailure, try_rules},
};
