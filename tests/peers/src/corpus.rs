//! Rules and events, always the same ones, in the style of real ones.

pub mod event;
pub mod rule;
mod word;

use fastrand::Rng;

/// One of a list that is written out.
fn one_of<T: Copy, const N: usize>(rng: &mut Rng, of: [T; N]) -> T {
    of[rng.usize(0..N)]
}
