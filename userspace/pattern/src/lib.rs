//! Patterns over lines of text: osregex, the language of Wazuh's policies, and PCRE2.
//!
//! Policies and the lines they are held against are hostile input alike: the size of a pattern and the steps
//! of a match are bounded.

#![forbid(unsafe_code)]

mod fault;
mod name;
mod osregex;
mod pattern;
mod pcre;

pub use self::{
    fault::{Exhausted, PatternError},
    name::NamePattern,
    pattern::{Dialect, MAX_LENGTH, Pattern},
};
