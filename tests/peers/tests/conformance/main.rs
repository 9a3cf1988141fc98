//! The same rules on the same events, answered by the product's binary and by an engine that others wrote.
//!
//! The rules are made up, always the same ones, so that they have in them everything that Sigma 2.1 offers. Where the
//! two answers differ by right, `disagreements.yml` says why, and the makers keep away from it.

mod case;
mod condition;
mod disagreement;
mod event;
mod item;
mod matrix;
mod pattern;
mod peer;
mod product;
mod sequence;
mod word;
