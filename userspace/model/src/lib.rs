//! The vocabulary of rampart: what happened ([`Event`]), what it means ([`Finding`]), and the closed set
//! of [`Field`]s that rules may ask for. Pure data: nothing here reads a clock, a file or a socket.

#![forbid(unsafe_code)]

mod category;
mod container;
mod control;
mod ecs;
mod event;
mod field;
mod finding;
mod mount;
mod network;
mod process;
mod record;
mod severity;
mod text;
mod time;

pub use category::Category;
pub use container::{Container, ContainerRuntime};
pub use control::{ControlRef, Framework, ParseControlError, Tactic, Technique};
pub use event::{Action, Event, EventKind, Exit};
pub use field::{Field, FieldType, UnknownField, Value};
pub use finding::{Finding, FindingId, Health, RuleRef, SCHEMA_VERSION, Subject};
pub use mount::Mount;
pub use network::{Connect, ConnectOutcome, ConnectStage, Transport};
pub use process::{Arguments, DescriptorKind, MAX_ANCESTORS, Namespaces, Process, ProcessKey, Stdio, User};
pub use record::{Record, RecordError};
pub use severity::Severity;
pub use text::text;
pub use time::Timestamp;
