use std::{borrow::Cow, fmt, net::IpAddr};

use crate::{Action, Connect, Event, Mount, Process};

/// The value of a [`Field`] of one event.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number.
    Number(i64),
    /// True or false.
    Bool(bool),
    /// An address.
    Ip(IpAddr),
}

impl Value<'_> {
    /// The value as text: what string modifiers compare with.
    #[must_use]
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Ip(ip) => Cow::Owned(ip.to_string()),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a Box<str>> for Value<'a> {
    fn from(text: &'a Box<str>) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for Value<'_> {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<IpAddr> for Value<'_> {
    fn from(ip: IpAddr) -> Self {
        Self::Ip(ip)
    }
}

/// What kind of [`Value`] a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// [`Value::Text`].
    Text,
    /// [`Value::Number`].
    Number,
    /// [`Value::Bool`].
    Bool,
    /// [`Value::Ip`].
    Ip,
}

/// A field name that is not one of [`Field::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown field `{name}`{}", .suggestion.map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
pub struct UnknownField {
    /// What was asked for.
    pub name: String,
    /// The nearest field there is, if one is near.
    pub suggestion: Option<Field>,
}

macro_rules! fields {
    ($($variant:ident $name:literal $type:ident $doc:literal => $get:expr;)*) => {
        /// Everything a rule may ask of an event: Sigma's Linux taxonomy where it has a name, ECS's
        /// dotted names for the rest, and names of ours where neither has one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = $doc] $variant,)*
        }

        impl Field {
            /// Every field, in the order of the reference documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name as rules write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it holds.
            #[must_use]
            pub const fn field_type(self) -> FieldType {
                match self { $(Self::$variant => FieldType::$type,)* }
            }

            /// One sentence on what it means.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Its value in an event; none where the event has no such thing.
            #[must_use]
            pub fn of(self, event: &Event) -> Option<Value<'_>> {
                match self { $(Self::$variant => read(event, $get),)* }
            }
        }
    };
}

/// Gives the closures in the table their type.
fn read<'a>(event: &'a Event, get: impl FnOnce(&'a Event) -> Option<Value<'a>>) -> Option<Value<'a>> {
    get(event)
}

fn process(event: &Event) -> &Process {
    &event.process
}

fn parent(event: &Event) -> Option<&Process> {
    event.process.parent.as_deref()
}

const fn connect(event: &Event) -> Option<&Connect> {
    match &event.action {
        Action::Connect(connect) => Some(connect),
        _ => None,
    }
}

const fn mount(event: &Event) -> Option<&Mount> {
    match &event.action {
        Action::Mount(mount) => Some(mount),
        _ => None,
    }
}

fn non_empty(text: &str) -> Option<Value<'_>> {
    (!text.is_empty()).then(|| text.into())
}

fields! {
    Image "Image" Text "Path of the program file, as the process's root sees it."
        => |e| non_empty(&process(e).executable);
    CommandLine "CommandLine" Text "All arguments, joined with spaces."
        => |e| Some(process(e).args.command_line().into());
    CurrentDirectory "CurrentDirectory" Text "Working directory at the exec."
        => |e| non_empty(&process(e).working_directory);
    ProcessId "ProcessId" Number "Process id in the host's pid namespace."
        => |e| Some(process(e).key.pid.into());
    ParentImage "ParentImage" Text "Path of the parent's program file."
        => |e| non_empty(&parent(e)?.executable);
    ParentCommandLine "ParentCommandLine" Text "The parent's arguments, joined with spaces."
        => |e| Some(parent(e)?.args.command_line().into());
    ParentProcessId "ParentProcessId" Number "The parent's process id."
        => |e| Some(parent(e)?.key.pid.into());
    User "User" Text "Name of the real user by the host's files; its number where it has none."
        => |e| Some(process(e).user.name.as_deref().map_or_else(
            || Value::from(process(e).user.id.to_string()), Value::from));
    LogonId "LogonId" Number "The audit login uid: who logged in, whatever su or sudo came after."
        => |e| Some(process(e).login_user_id?.into());
    ProcessName "process.name" Text "The kernel's name for the process, at most 15 bytes."
        => |e| Some((&process(e).name).into());
    ParentName "process.parent.name" Text "The kernel's name for the parent."
        => |e| Some((&parent(e)?.name).into());
    Stdin "process.stdin.type" Text "What descriptor 0 was at the exec: file, character, block, pipe, socket, directory, other."
        => |e| Some(process(e).stdio.stdin.name()?.into());
    Stdout "process.stdout.type" Text "What descriptor 1 was at the exec."
        => |e| Some(process(e).stdio.stdout.name()?.into());
    Stderr "process.stderr.type" Text "What descriptor 2 was at the exec."
        => |e| Some(process(e).stdio.stderr.name()?.into());
    UserId "user.id" Number "Real user id."
        => |e| Some(process(e).user.id.into());
    EffectiveUserId "user.effective.id" Number "Effective user id."
        => |e| Some(process(e).effective_user_id.into());
    GroupId "group.id" Number "Real group id."
        => |e| Some(process(e).group_id.into());
    ContainerId "container.id" Text "The container's id; absent on the host."
        => |e| Some((&*process(e).container.as_ref()?.id).into());
    ContainerRuntime "container.runtime" Text "containerd, cri-o, docker, podman or unknown; absent on the host."
        => |e| Some(process(e).container.as_ref()?.runtime.name().into());
    PodUid "orchestrator.resource.id" Text "The Kubernetes pod's UID; absent outside pods."
        => |e| Some(process(e).container.as_ref()?.pod_uid.as_deref()?.into());
    Initiated "Initiated" Bool "Always true: connections are reported by the side that opens them."
        => |e| connect(e).map(|_| true.into());
    Protocol "Protocol" Text "tcp, udp or other."
        => |e| Some(connect(e)?.transport.name().into());
    DestinationIp "DestinationIp" Ip "Remote address; IPv4-mapped IPv6 is given as IPv4."
        => |e| Some(connect(e)?.destination.ip().into());
    DestinationPort "DestinationPort" Number "Remote port."
        => |e| Some(connect(e)?.destination.port().into());
    SourceIp "SourceIp" Ip "Local address, where the kernel has chosen it."
        => |e| Some(connect(e)?.source?.ip().into());
    SourcePort "SourcePort" Number "Local port, where the kernel has chosen it."
        => |e| Some(connect(e)?.source?.port().into());
    ConnectOutcome "connect.outcome" Text "success, in_progress, refused, aborted or failed."
        => |e| Some(connect(e)?.outcome.name().into());
    MountSource "mount.source" Text "What is mounted, as an absolute path where it is a path."
        => |e| Some((&mount(e)?.source).into());
    MountTarget "mount.target" Text "Where it is mounted, as the caller sees it."
        => |e| Some((&mount(e)?.target).into());
    MountType "mount.type" Text "File-system type; absent for binds and remounts."
        => |e| non_empty(&mount(e)?.fs_type);
    MountFlags "mount.flags" Text "Flags by name, joined with commas, such as bind,rec."
        => |e| Some(mount(e)?.flag_names().into());
    MountSucceeded "mount.success" Bool "Whether the kernel did it."
        => |e| Some((mount(e)?.errno == 0).into());
    ExitCode "process.exit_code" Number "The code given to exit(2)."
        => |e| match e.action { Action::Exit(exit) => Some(Value::Number(exit.code.into())), _ => None };
    ExitSignal "process.exit_signal" Number "The signal that ended the process."
        => |e| match e.action { Action::Exit(exit) => Some(Value::Number(exit.signal?.into())), _ => None };
}

impl Field {
    /// The field of that [`name`](Self::name), exactly spelt.
    ///
    /// # Errors
    /// [`UnknownField`], with the nearest name if one is near.
    pub fn from_name(name: &str) -> Result<Self, UnknownField> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.name() == name)
            .ok_or_else(|| UnknownField { name: name.to_owned(), suggestion: nearest(name) })
    }

    /// Its place in [`ALL`](Self::ALL), for tables indexed by field.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn nearest(name: &str) -> Option<Field> {
    // Longer names are far from every field, and the distance is quadratic in the length.
    if name.len() > 64 {
        return None;
    }
    let distance = |field: &Field| edit_distance(&name.to_lowercase(), &field.name().to_lowercase());
    let best = Field::ALL.iter().copied().min_by_key(distance)?;
    (distance(&best) <= 1 + name.len() / 4).then_some(best)
}

/// Levenshtein's distance, by bytes.
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let substituted = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = substituted.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_is_suggested() {
        for (name, suggestion) in [
            ("image", Some(Field::Image)),
            ("Comandline", Some(Field::CommandLine)),
            ("container.idd", Some(Field::ContainerId)),
            ("Hashes", None),
        ] {
            let error = Field::from_name(name).unwrap_err();
            assert_eq!(error.suggestion, suggestion, "{name}");
        }
    }

    #[test]
    fn index_is_the_place_in_all() {
        assert!(Field::ALL.iter().enumerate().all(|(place, field)| field.index() == place));
    }
}
