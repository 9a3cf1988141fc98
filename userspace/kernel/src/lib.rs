//! The kernel side's other end: what this kernel offers ([`probe`]), loading and attaching the eBPF programs
//! ([`Sensor`]), reading the ring buffer and decoding it ([`Capture`]).
//!
//! The only crate that knows aya, the wire format, and `unsafe`.

mod attach;
mod btf;
mod capture;
mod counters;
mod decode;
mod demand;
mod descriptors;
mod error;
mod flood;
mod hook;
mod memory;
mod names;
mod namespaces;
mod object;
mod offsets;
mod privileges;
mod probe;
mod program;
mod reader;
mod sensor;
mod text;
mod watch;

pub use btf::{Btf, BtfError};
pub use capture::{Body, Capture, Exec, Fork, Lineage, Task};
pub use counters::{KindCounters, Tally};
pub use decode::{DecodeError, decode};
pub use demand::Demand;
pub use descriptors::close_on_exec;
pub use error::{LoadError, ReadError};
pub use flood::Flood;
pub use hook::{Attachment, Hook, HookState, Point};
pub use memory::give_back as give_back_memory;
pub use names::look_up_without_modules;
pub use namespaces::{NamespaceError, has_host_processes, join_host_cgroups};
pub use offsets::{Missing, ResolveError, resolve};
pub use privileges::drop_privileges;
pub use probe::{Capability, Probe, boot_id, boot_to_wall_nanos, probe, require_capabilities, wall_nanos};
pub use program::ProgramCost;
pub use reader::{Account, Batch, Reader, Wishes};
pub use sensor::{HookChoice, Sensor, SensorConfig};
