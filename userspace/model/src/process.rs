use std::{fmt, sync::Arc};

use crate::{Capabilities, Container};

/// How many ancestors of a process are kept at the most; beyond them a chain is cut at the far end.
pub const MAX_ANCESTORS: usize = 64;

/// Tells two processes apart even when the kernel gives the same pid again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    /// The process (thread-group) id in the host's pid namespace.
    pub pid: u32,
    /// Start time, nanoseconds since boot (CLOCK_BOOTTIME), cut to USER_HZ ticks (10 ms): that is all
    /// that /proc/PID/stat tells, and both sources must give one key.
    pub start_ns: u64,
}

impl ProcessKey {
    /// Nanoseconds of one USER_HZ tick.
    pub const TICK_NS: u64 = 10_000_000;

    /// From a start time that need not be cut yet.
    #[must_use]
    pub const fn new(pid: u32, start_ns: u64) -> Self {
        Self { pid, start_ns: start_ns / Self::TICK_NS * Self::TICK_NS }
    }
}

/// A user, with its name where the host's files know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct User {
    /// Real user id in the host's user namespace.
    pub id: u32,
    /// Its name by the host's /etc/passwd.
    pub name: Option<Arc<str>>,
}

/// Inode numbers of the namespaces a process is in, as /proc/PID/ns shows them. 0: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the names are the namespaces'")]
pub struct Namespaces {
    pub mnt: u32,
    pub pid: u32,
    pub net: u32,
    pub uts: u32,
    pub ipc: u32,
    pub cgroup: u32,
    pub user: u32,
}

/// What a standard descriptor is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DescriptorKind {
    /// Not open, or not known.
    #[default]
    None,
    /// A regular file.
    File,
    /// A terminal: a console, a serial line, or one side of a pseudo-terminal.
    Terminal,
    /// Another character device, such as /dev/null.
    Character,
    /// A block device.
    Block,
    /// A pipe or FIFO.
    Pipe,
    /// A socket.
    Socket,
    /// A directory.
    Directory,
    /// Anything else (anonymous inodes).
    Other,
}

impl DescriptorKind {
    /// The value of the fields `process.stdin.type` and so on; none when not open.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::File => Some("file"),
            Self::Terminal => Some("terminal"),
            Self::Character => Some("character"),
            Self::Block => Some("block"),
            Self::Pipe => Some("pipe"),
            Self::Socket => Some("socket"),
            Self::Directory => Some("directory"),
            Self::Other => Some("other"),
        }
    }
}

/// Descriptors 0, 1 and 2 at the time of the exec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Stdio {
    /// Descriptor 0.
    pub stdin: DescriptorKind,
    /// Descriptor 1.
    pub stdout: DescriptorKind,
    /// Descriptor 2.
    pub stderr: DescriptorKind,
}

/// What is remarkable about a program file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExecutableTraits {
    /// It has no name any more: unlinked, or one of memory.
    pub deleted: bool,
    /// It lives in memory only (memfd_create(2)).
    pub memfd: bool,
    /// It lies in the upper layer of an overlay: added since the image was made.
    pub upper_layer: bool,
}

/// One program image of one process: immutable, so that an event keeps what was true when it happened.
///
/// Text that is not UTF-8 carries the odd bytes as `\xNN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Which process.
    pub key: ProcessKey,
    /// Stable over restarts of the agent: made of boot id, pid and start time.
    pub entity_id: Arc<str>,
    /// The kernel's name for it (`comm`, at most 15 bytes).
    pub name: Box<str>,
    /// Path of the program file, from the kernel's own objects, as the process's root sees it.
    pub executable: Box<str>,
    /// What is remarkable about that file.
    pub traits: ExecutableTraits,
    /// Path of the script that was executed; then `executable` is its interpreter.
    pub script: Option<Box<str>>,
    /// All arguments, the zeroth included.
    pub args: Arguments,
    /// Arguments were cut because they were longer than the capture limit.
    pub args_truncated: bool,
    /// Working directory at the exec.
    pub working_directory: Box<str>,
    /// Real user.
    pub user: User,
    /// Effective user id.
    pub effective_user_id: u32,
    /// Real group id.
    pub group_id: u32,
    /// Effective capabilities at the exec, as its user namespace has them. [`crate::CredentialsChange`] tells of others.
    pub capabilities: Capabilities,
    /// The audit login uid: who logged in, whatever su or sudo came after. None when nobody did.
    pub login_user_id: Option<u32>,
    /// Namespaces.
    pub namespaces: Namespaces,
    /// Its process id as its own pid namespace sees it; 0 when not known.
    pub inner_pid: u32,
    /// Path of its cgroup, in the hierarchy that names containers best on this machine.
    pub cgroup: Arc<str>,
    /// Id of its cgroup in the unified hierarchy; 0 when not known.
    pub cgroup_id: u64,
    /// The container, if it is in one.
    pub container: Option<Arc<Container>>,
    /// Descriptors 0 to 2 at the exec.
    pub stdio: Stdio,
    /// The process that made it.
    pub parent: Option<Arc<Process>>,
}

impl Process {
    /// Its ancestors, nearest first.
    pub fn ancestors(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(self.parent.as_deref(), |process| process.parent.as_deref())
    }

    /// The program that the kernel loaded to run a script.
    #[must_use]
    pub fn interpreter(&self) -> Option<&str> {
        self.script.as_ref().map(|_| &*self.executable)
    }
}

/// A program's arguments, kept as the one line that rules match on and the places where to cut it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    line: Box<str>,
    ends: Box<[u32]>,
}

impl Arguments {
    /// The arguments as one line, joined with spaces, as Sigma's CommandLine has them.
    #[must_use]
    pub const fn command_line(&self) -> &str {
        &self.line
    }

    /// The arguments one by one, the zeroth first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| *end as usize + 1));
        starts.zip(self.ends.iter()).filter_map(|(start, end)| self.line.get(start..*end as usize))
    }
}

impl<S: AsRef<str>> FromIterator<S> for Arguments {
    fn from_iter<I: IntoIterator<Item = S>>(args: I) -> Self {
        let (mut line, mut ends) = (String::new(), Vec::new());
        for arg in args {
            if !ends.is_empty() {
                line.push(' ');
            }
            line.push_str(arg.as_ref());
            // The capture limit is far below 4 GiB; should that change, the rest stays in the line.
            let Ok(end) = u32::try_from(line.len()) else { break };
            ends.push(end);
        }
        Self { line: line.into(), ends: ends.into() }
    }
}

impl fmt::Display for ProcessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.pid, self.start_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    #[test]
    fn arguments_keep_their_borders() {
        for args in [&[][..], &["sh"], &["sh", "-c", "a b"], &["", "x", ""], &["ä", "ö ü"]] {
            let kept: Arguments = args.iter().collect();
            assert_eq!(kept.iter().collect::<Vec<_>>(), args);
            assert_eq!(kept.command_line(), args.join(" "));
        }
    }
}
