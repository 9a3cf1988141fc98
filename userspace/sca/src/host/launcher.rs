use std::{
    ffi::OsString,
    io::{self, PipeWriter},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, setpriority_process};

/// All that a command finds in its environment, so that its output does not depend on who scans.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("HOME", "/root"),
    ("LANG", "C"),
    ("LC_ALL", "C"),
];

/// Handed on where it is set: how a node's kubectl finds its cluster.
const HANDED_ON: &str = "KUBECONFIG";

/// As the stock agent's commands.
pub(super) const NICENESS: i32 = 10;

/// How commands are started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launcher {
    /// By themselves, in this program's root and namespaces, at a low priority a moment later. Descriptors that this program inherited without
    /// close-on-exec are inherited further.
    Direct,
    /// Through a program that calls [`super::launch`]: this one, executed again.
    Trampoline {
        /// Which program.
        program: PathBuf,
        /// Its first arguments. Behind them come `--root`, the root, `--`, and the command's words.
        arguments: Vec<OsString>,
    },
}

impl Launcher {
    /// Through this program itself, by its hidden arguments.
    pub fn this_program(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self::Trampoline { program: PathBuf::from("/proc/self/exe"), arguments }
    }

    /// Starts a command that leads a process group of its own, or will in a moment.
    pub(super) fn start(&self, root: &Path, words: &[OsString], output: PipeWriter) -> io::Result<Child> {
        let mut command = match self {
            Self::Direct => {
                let (program, arguments) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
                let mut command = Command::new(program);
                command.args(arguments).process_group(0);
                command
            }
            Self::Trampoline { program, arguments } => {
                let mut command = Command::new(program);
                command.args(arguments).arg("--root").arg(root).arg("--").args(words);
                command
            }
        };
        command.env_clear().envs(ENVIRONMENT);
        if let Some(value) = std::env::var_os(HANDED_ON) {
            command.env(HANDED_ON, value);
        }
        command.current_dir("/").stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output);
        let child = command.spawn()?;
        if matches!(self, Self::Direct) {
            // What runs at another priority runs nevertheless.
            setpriority_process(Some(Pid::from_child(&child)), NICENESS).unwrap_or_default();
        }
        Ok(child)
    }
}
