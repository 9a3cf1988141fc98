//! What is to go out and has not arrived: for each sink a queue on disk.
//!
//! A finding is written before it is offered to a sink, and removed when the sink has confirmed it. One thread does all of
//! it: it takes findings in, writes all that wait in one transaction for all sinks, and offers what is next. So the order in
//! a queue is the order of the findings.
//!
//! While the disk takes nothing, findings are held in memory within bounds, offered from there, and written as soon as that
//! can be. At a bound the oldest of the mildest go first, and are counted.

mod disk;
mod keeper;
mod lane;
mod limits;
mod state;
mod tally;

pub use self::{
    keeper::{Keeper, Lane},
    limits::Limits,
    state::{LaneState, SpoolState},
};
