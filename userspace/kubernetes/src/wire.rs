//! What we read of the API server's JSON: only what is needed, bounded, and whatever stands where something else should is
//! taken for nothing.

mod lenient;
mod pod;

pub(crate) use lenient::{List, Part, TEXT, Text};
pub(crate) use pod::{ContainerStatus, OwnerReference, Pod, PodPage};
