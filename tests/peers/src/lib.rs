//! What is needed to measure the engine beside its peers: rules and events that look like real ones, and every engine
//! behind one trait.

pub mod contender;
pub mod corpus;
pub mod load;
pub mod report;
