//! What /proc says of a process: for those that lived before the programs were attached.
//!
//! Our own few readers, because names and arguments there need not be UTF-8, and a process must not be able to
//! hide by a name that a reader refuses.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use rampart_model::{Arguments, Namespaces, text};

/// Most bytes that are read of one file; arguments beyond are cut.
const MAX_SIZE: u64 = 32 << 10;

/// Nanoseconds of one USER_HZ tick, in which /proc tells start times.
pub(crate) const TICK_NS: u64 = 10_000_000;

/// A proc file system.
#[derive(Debug, Clone)]
pub(crate) struct Proc {
    root: PathBuf,
}

/// One process, as /proc has it.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) parent_pid: u32,
    pub(crate) start_ns: u64,
    pub(crate) name: Box<str>,
    pub(crate) executable: Box<str>,
    pub(crate) args: Arguments,
    pub(crate) args_truncated: bool,
    pub(crate) working_directory: Box<str>,
    pub(crate) uid: u32,
    pub(crate) effective_uid: u32,
    pub(crate) gid: u32,
    pub(crate) login_uid: Option<u32>,
    pub(crate) namespaces: Namespaces,
    pub(crate) cgroup: Box<str>,
}

impl Proc {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Ids of all processes there are.
    pub(crate) fn pids(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let mut pids: Vec<u32> =
            entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        pids.sort_unstable();
        pids
    }

    /// One process; none when it is gone, or goes meanwhile.
    pub(crate) fn read(&self, pid: u32) -> Option<Snapshot> {
        let folder = self.root.join(pid.to_string());
        let stat = Stat::parse(&read(&folder.join("stat"))?)?;
        let (uid, effective_uid, gid) = owners(&String::from_utf8_lossy(&read(&folder.join("status"))?))?;
        let line = read(&folder.join("cmdline")).unwrap_or_default();
        let login = read(&folder.join("loginuid")).unwrap_or_default();
        Some(Snapshot {
            parent_pid: stat.parent_pid,
            start_ns: stat.start_ticks.saturating_mul(TICK_NS),
            name: stat.name,
            executable: link(&folder.join("exe")),
            args: arguments(&line),
            args_truncated: line.len() as u64 >= MAX_SIZE,
            working_directory: link(&folder.join("cwd")),
            uid,
            effective_uid,
            gid,
            login_uid: std::str::from_utf8(&login)
                .ok()
                .and_then(|id| id.trim().parse().ok())
                .filter(|id| *id != u32::MAX),
            namespaces: namespaces(&folder.join("ns")),
            cgroup: cgroup(&String::from_utf8_lossy(&read(&folder.join("cgroup")).unwrap_or_default()))
                .into(),
        })
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_SIZE).read_to_end(&mut bytes)).ok()?;
    Some(bytes)
}

/// Where a link of /proc leads, without the kernel's mark of unlinked files; empty for kernel threads.
fn link(path: &Path) -> Box<str> {
    let target = fs::read_link(path).unwrap_or_default();
    let bytes = target.as_os_str().as_bytes();
    text(bytes.strip_suffix(b" (deleted)").unwrap_or(bytes))
}

fn arguments(line: &[u8]) -> Arguments {
    if line.is_empty() {
        return Arguments::default();
    }
    line.strip_suffix(&[0]).unwrap_or(line).split(|byte| *byte == 0).map(text).collect()
}

/// The fields of /proc/PID/stat that are used (proc_pid_stat(5)).
struct Stat {
    name: Box<str>,
    parent_pid: u32,
    start_ticks: u64,
}

impl Stat {
    /// The name stands in parentheses and may hold parentheses and blanks itself: its end is the last one.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let open = bytes.iter().position(|byte| *byte == b'(')?;
        let close = bytes.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(bytes.get(close + 1..)?).ok()?;
        // Field 3 (state) is the first of the rest.
        let mut fields = rest.split_ascii_whitespace();
        Some(Self {
            name: text(bytes.get(open + 1..close)?),
            parent_pid: fields.nth(1)?.parse().ok()?,
            start_ticks: fields.nth(17)?.parse().ok()?,
        })
    }
}

/// Real and effective user and real group, from /proc/PID/status.
fn owners(status: &str) -> Option<(u32, u32, u32)> {
    let ids = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        let mut ids = line.split_ascii_whitespace().map_while(|id| id.parse().ok());
        Some((ids.next()?, ids.next()?))
    };
    let (uid, effective_uid) = ids("Uid:")?;
    let (gid, _) = ids("Gid:")?;
    Some((uid, effective_uid, gid))
}

/// Inode numbers behind the links `name -> name:[inode]`.
fn namespaces(folder: &Path) -> Namespaces {
    let inode = |name: &str| {
        let target = fs::read_link(folder.join(name)).ok()?;
        let (_, number) = target.to_str()?.split_once('[')?;
        number.strip_suffix(']')?.parse().ok()
    };
    let inode = |name| inode(name).unwrap_or(0);
    Namespaces {
        mnt: inode("mnt"),
        pid: inode("pid"),
        net: inode("net"),
        uts: inode("uts"),
        ipc: inode("ipc"),
        cgroup: inode("cgroup"),
        user: inode("user"),
    }
}

/// The path that names containers best, as the programs choose it: the unified hierarchy's, or where that is the
/// root, the memory controller's, or the pids controller's.
fn cgroup(file: &str) -> &str {
    let path = |wanted: &dyn Fn(&str) -> bool| {
        file.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let (controllers, path) = (parts.next()?, parts.next()?);
            (wanted(controllers) && path != "/").then_some(path)
        })
    };
    let has = |controller| path(&move |list: &str| list.split(',').any(|name| name == controller));
    path(&str::is_empty).or_else(|| has("memory")).or_else(|| has("pids")).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_do_not_hide_a_process() {
        for (line, name) in [
            (&b"7 (sh) S 3 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1"[..], "sh"),
            (b"7 (a) R 9 (b)) S 3 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1", "a) R 9 (b)"),
            (b"7 (\xff) S 3 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1", "\\xff"),
        ] {
            let stat = Stat::parse(line).unwrap();
            assert_eq!((&*stat.name, stat.parent_pid, stat.start_ticks), (name, 3, 4242));
        }
        assert!(Stat::parse(b"7 (cut").is_none());
    }

    #[test]
    fn the_cgroup_that_names_containers() {
        for (file, expected) in [
            ("0::/system.slice/ssh.service\n", "/system.slice/ssh.service"),
            ("4:memory:/docker/x\n3:pids:/y\n0::/\n", "/docker/x"),
            ("4:cpu,pids:/docker/x\n3:memory:/\n0::/\n", "/docker/x"),
            ("3:cpu:/docker/x\n0::/\n", "/"),
            ("0::/with:colon\n", "/with:colon"),
            ("", "/"),
        ] {
            assert_eq!(cgroup(file), expected, "{file}");
        }
    }

    #[test]
    fn this_process_is_read() {
        let own = Proc::new("/proc".into()).read(std::process::id()).unwrap();
        assert_eq!(Path::new(&*own.executable), std::env::current_exe().unwrap());
        assert!(own.namespaces.mnt != 0 && own.start_ns > 0 && own.parent_pid > 0);
        assert_eq!(own.args.iter().count(), std::env::args().count());
    }
}
