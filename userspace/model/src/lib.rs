//! The vocabulary of rampart: what happened ([`Event`]), what it means ([`Finding`]), and the closed set
//! of [`Field`]s that rules may ask for. Pure data: nothing here reads a clock, a file or a socket.

#![forbid(unsafe_code)]

mod access;
mod assessment;
mod bpf;
mod call;
mod category;
mod code;
mod container;
mod control;
mod cpu;
mod credentials;
mod ecs;
mod event;
mod field;
mod file;
mod file_change;
mod finding;
mod io_uring;
mod mount;
mod names;
mod namespace;
mod network;
mod pod;
mod process;
mod record;
mod severity;
mod socket;
mod summary;
mod text;
mod time;
mod vocabulary;
mod watch;

pub use access::{Access, AccessRequest, Signal, Target};
pub use assessment::{
    Assessment, CheckChange, CheckDetail, CheckResult, CheckState, Compliance, LookedAt, PolicyRef,
    PolicyScan, PolicySnapshot,
};
pub use bpf::Bpf;
pub use call::{Call, CallResult, Operation, Origin, Outcome};
pub use category::Category;
pub use code::{Memfd, Module};
pub use container::{Container, ContainerRuntime};
pub use control::{ControlRef, Framework, ParseControlError, Tactic, Technique};
pub use cpu::CpuUsage;
pub use credentials::{Capabilities, CredentialsChange, Identity};
pub use event::{Action, Event, EventKind, Exit};
pub use field::{AncestorPart, Field, FieldType, Texts, UnknownField, Value};
pub use file::{FileCall, FileOperation, OpenFlags};
pub use file_change::{
    FileAttribute, FileAttributes, FileChange, FileChangeKind, FileChangeMode, FileHashes,
};
pub use finding::{
    Completeness, Context, Correlated, Finding, FindingId, GroupValue, Health, Phase, Repeated, RuleRef,
    SCHEMA_VERSION, Subject,
};
pub use io_uring::IoUring;
pub use mount::{Mount, MountOperation};
pub use names::{Names, NumberName};
pub use namespace::{NamespaceChange, NamespaceTypes};
pub use network::{Connect, ConnectOutcome, ConnectStage, Transport};
pub use pod::{ContainerRecord, Label, Pod, PodChange, PodDetails, PodRecord, Workload};
pub use process::{
    Arguments, DescriptorKind, ExecutableTraits, MAX_ANCESTORS, Namespaces, Process, ProcessKey, Stdio, User,
};
pub use record::{Record, RecordError};
pub use severity::Severity;
pub use socket::{Descriptor, Socket, SocketCall, SocketEnds, SocketFamily, SocketOperation, SocketType};
pub use text::text;
pub use time::Timestamp;
pub use watch::{Watch, WatchEntry, WatchPattern};
