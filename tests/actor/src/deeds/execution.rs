//! Programs executed from where programs should not come.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::{
            ffi::OsStrExt as _,
            fs::{PermissionsExt as _, chown},
        },
    },
    path::Path,
};

use anyhow::Context as _;
use rustix::{
    fs::{MemfdFlags, Mode, OFlags, StatVfsMountFlags, memfd_create, open, statvfs},
    io::Errno,
};

use crate::{
    arguments::{Arguments, Usage},
    child,
    program::{self, NOTHING},
    report::{Lacking, Report},
};

const NOBODY: u32 = 65534;

const MEMFD_FLAGS: [(&str, u32); 5] = [
    ("cloexec", libc::MFD_CLOEXEC),
    ("allow_sealing", libc::MFD_ALLOW_SEALING),
    ("hugetlb", libc::MFD_HUGETLB),
    ("noexec_seal", libc::MFD_NOEXEC_SEAL),
    ("exec", libc::MFD_EXEC),
];

/// Executes in a child, and reports how that went.
fn in_child(report: Report, execute: impl FnOnce() -> anyhow::Result<Errno>) -> anyhow::Result<Report> {
    let ended = child::run(|| Report::new().outcome::<()>(Err(execute()?)))?;
    Ok(ended.add_to(report))
}

fn memfd_flags(list: &str) -> Result<MemfdFlags, Usage> {
    list.split(',').filter(|name| !name.is_empty()).try_fold(MemfdFlags::empty(), |flags, name| {
        let (_, flag) = MEMFD_FLAGS
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Usage(format!("`{name}` is no flag of memfd_create")))?;
        Ok(flags | MemfdFlags::from_bits_retain(*flag))
    })
}

pub(crate) fn memfd(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (name, flags) = (arguments.text(0)?, arguments.text_or(1, "")?);
    let result = memfd_create(name, memfd_flags(flags)?);
    Report::new().with("name", name).with("flags", flags).outcome(result)
}

/// What is executed has never been a file.
pub(crate) fn from_memfd(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let name = arguments.text(0)?;
    let source = if arguments.words().len() > 1 { arguments.path(1)?.to_owned() } else { program::this()? };
    let memory = memfd_create(name, MemfdFlags::CLOEXEC).context("memfd_create")?;
    std::io::copy(&mut File::open(&source)?, &mut File::from(memory.try_clone()?))?;
    let words = program::words(Path::new(name), &[NOTHING])?;
    in_child(Report::new().with("name", name).path("program", &source), || {
        program::fexecve(memory.as_fd(), &words)
    })
}

fn open_program(path: &Path) -> anyhow::Result<OwnedFd> {
    Ok(open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?)
}

pub(crate) fn deleted(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    program::copy_to(path)?;
    let file = open_program(path)?;
    fs::remove_file(path)?;
    let words = program::words(path, &[NOTHING])?;
    in_child(Report::new().path("path", path), || program::fexecve(file.as_fd(), &words))
}

pub(crate) fn script(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let interpreter = program::this()?;
    fs::write(path, format!("#!{} {NOTHING}\n", interpreter.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    let words = program::words(path, &[])?;
    let report = Report::new().path("path", path).path("interpreter", &interpreter);
    in_child(report, || program::execve(path, &words))
}

pub(crate) fn setuid(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    program::copy_to(path)?;
    if statvfs(path)?.f_flag.contains(StatVfsMountFlags::NOSUID) {
        return Err(Lacking(format!("{} is mounted nosuid", path.display())).into());
    }
    chown(path, Some(NOBODY), Some(NOBODY))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o4755))?;
    let words = program::words(path, &[NOTHING])?;
    in_child(Report::new().path("path", path).with("owner", NOBODY), || program::execve(path, &words))
}

/// Executes with arguments that make a command line of so many bytes, ending in `end`.
pub(crate) fn long_arguments(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    /// One argument and the space before it.
    const WORD: usize = 64;
    let bytes: usize = arguments.value(0)?;
    let begin = format!("actor {NOTHING} ");
    let room =
        bytes.checked_sub(begin.len() + "end".len()).ok_or_else(|| Usage("too few bytes".to_owned()))?;
    let mut text = format!("{} ", "x".repeat(WORD - 1)).repeat(room / WORD);
    if room % WORD > 0 {
        text.push_str(&"x".repeat(room % WORD - 1));
        text.push(' ');
    }
    let mut rest: Vec<&str> = vec![NOTHING];
    rest.extend(text.split_terminator(' '));
    rest.push("end");
    let words = program::words(Path::new("actor"), &rest)?;
    let this = program::this()?;
    in_child(Report::new().with("bytes", bytes), || program::execve(&this, &words))
}

/// Executes what cannot be executed.
pub(crate) fn failing(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let words = program::words(path, &[])?;
    in_child(Report::new().path("path", path), || program::execve(path, &words))
}

/// The same by an open file.
pub(crate) fn failing_by_descriptor(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let file = open_program(path)?;
    let words = program::words(path, &[])?;
    in_child(Report::new().path("path", path), || program::fexecve(file.as_fd(), &words))
}

/// Does another deed in a program whose name is no UTF-8.
pub(crate) fn odd_name(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?.join(OsStr::from_bytes(b"odd-\xff\xfe"));
    program::copy_to(&path)?;
    let inner = program::perform(&path, arguments.after(1).words())?;
    Ok(Report::new().path("path", &path).with("inner", inner))
}
