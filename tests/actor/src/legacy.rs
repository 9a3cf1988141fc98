//! The calls with plain paths; architectures that have them no more get the `*at` calls in their place.

#[cfg(not(target_arch = "x86_64"))]
mod at;
#[cfg(target_arch = "x86_64")]
mod plain;

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use at::*;
#[cfg(target_arch = "x86_64")]
pub(crate) use plain::*;
