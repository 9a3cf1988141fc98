//! Programs to execute: copies of this one.

use std::{
    ffi::{CString, OsString},
    fs,
    os::{
        fd::{AsRawFd as _, BorrowedFd},
        unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
    },
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context as _, bail};
use rustix::io::Errno;
use serde_json::Value as Json;

use crate::{
    arguments::c_path,
    raw::{address, call},
    report::Lacking,
};

/// The deed of a program that is executed for being executed.
pub(crate) const NOTHING: &str = "nothing";

const LACKING: i32 = 77;

/// This program's file.
pub(crate) fn this() -> anyhow::Result<PathBuf> {
    fs::read_link("/proc/self/exe").context("/proc is not mounted")
}

/// Makes an executable copy of this program.
pub(crate) fn copy_to(path: &Path) -> anyhow::Result<()> {
    fs::copy(this()?, path).with_context(|| format!("copying to {}", path.display()))?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

/// Has `program`, a copy of this one, do a deed, and gives its report.
pub(crate) fn perform(program: &Path, words: &[OsString]) -> anyhow::Result<Json> {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output()?;
    report(output.status, &output.stdout, &output.stderr)
}

/// The report of a copy of this program that has ended.
pub(crate) fn report(status: ExitStatus, output: &[u8], errors: &[u8]) -> anyhow::Result<Json> {
    let said = String::from_utf8_lossy(errors);
    match status.code() {
        Some(0) => Ok(serde_json::from_slice(output).unwrap_or_default()),
        Some(LACKING) => Err(Lacking(said.trim().to_owned()).into()),
        _ => bail!("{status}: {}", said.trim()),
    }
}

/// Arguments of a program: its name as it is told, and a deed.
pub(crate) fn words(name: &Path, deed: &[&str]) -> anyhow::Result<Vec<CString>> {
    let rest = deed.iter().map(|word| CString::new(*word).context("a NUL in an argument"));
    std::iter::once(c_path(name)).chain(rest).collect()
}

/// Executes a file; returns only where that fails.
pub(crate) fn execve(path: &Path, words: &[CString]) -> anyhow::Result<Errno> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let list = pointers(words);
    let nothing = [0_usize];
    // SAFETY: the path and both lists end in NUL and outlive the call.
    let result =
        unsafe { call(libc::SYS_execve, [address(path.as_c_str()), address(&*list), address(&nothing)]) };
    result.err().context("execve came back")
}

/// Executes an open file; returns only where that fails.
pub(crate) fn fexecve(file: BorrowedFd<'_>, words: &[CString]) -> anyhow::Result<Errno> {
    let descriptor = usize::try_from(file.as_raw_fd())?;
    let empty = c"";
    let list = pointers(words);
    let nothing = [0_usize];
    let flags = usize::try_from(libc::AT_EMPTY_PATH)?;
    let arguments = [descriptor, address(empty), address(&*list), address(&nothing), flags];
    // SAFETY: the path and both lists end in NUL and outlive the call.
    let result = unsafe { call(libc::SYS_execveat, arguments) };
    result.err().context("execveat came back")
}

fn pointers(words: &[CString]) -> Vec<usize> {
    words.iter().map(|word| address(word.as_c_str())).chain([0]).collect()
}
