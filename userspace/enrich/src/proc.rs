//! What /proc says of a process: for those that lived before the programs were attached.
//!
//! Our own few readers, because names and arguments there need not be UTF-8, and a process must not be able to
//! hide by a name that a reader refuses.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

use rampart_model::{Arguments, Capabilities, ExecutableTraits, Namespaces, ProcessKey, text};

/// Most bytes that are read of one file; arguments beyond are cut.
const MAX_SIZE: u64 = 32 << 10;

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
    pub(crate) traits: ExecutableTraits,
    pub(crate) args: Arguments,
    pub(crate) args_truncated: bool,
    pub(crate) working_directory: Box<str>,
    pub(crate) uid: u32,
    pub(crate) effective_uid: u32,
    pub(crate) gid: u32,
    pub(crate) capabilities: Capabilities,
    pub(crate) login_uid: Option<u32>,
    pub(crate) namespaces: Namespaces,
    pub(crate) inner_pid: u32,
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
        let folder = self.folder(pid);
        let stat = read(&folder.join("stat"))?;
        let stat = Stat::parse(&stat)?;
        let status = self.status(pid).filter(|status| status.process == pid)?;
        let line = read(&folder.join("cmdline")).unwrap_or_default();
        let login = read(&folder.join("loginuid")).unwrap_or_default();
        let (executable, traits) = program(&folder.join("exe"));
        Some(Snapshot {
            parent_pid: stat.parent_pid,
            start_ns: stat.start_ns,
            name: text(stat.name),
            executable,
            traits,
            args: arguments(&line),
            args_truncated: line.len() as u64 >= MAX_SIZE,
            working_directory: without_mark(&link(&folder.join("cwd"))).0,
            uid: status.uid,
            effective_uid: status.effective_uid,
            gid: status.gid,
            capabilities: status.capabilities,
            login_uid: std::str::from_utf8(&login)
                .ok()
                .and_then(|id| id.trim().parse().ok())
                .filter(|id| *id != u32::MAX),
            namespaces: namespaces(&folder.join("ns")),
            inner_pid: status.inner_pid,
            cgroup: read_cgroup(&folder.join("cgroup")).unwrap_or_else(|| "/".into()),
        })
    }

    /// The process that a thread belongs to, and a process to itself.
    pub(crate) fn process_of(&self, thread: u32) -> Option<u32> {
        Some(self.status(thread)?.process)
    }

    /// The cgroup of a thread, as [`Snapshot::cgroup`].
    pub(crate) fn cgroup(&self, pid: u32, thread: u32) -> Option<Box<str>> {
        read_cgroup(&self.folder(pid).join("task").join(thread.to_string()).join("cgroup"))
    }

    fn folder(&self, pid: u32) -> PathBuf {
        self.root.join(pid.to_string())
    }

    fn status(&self, pid: u32) -> Option<Status> {
        Status::parse(&String::from_utf8_lossy(&read(&self.folder(pid).join("status"))?))
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_SIZE).read_to_end(&mut bytes)).ok()?;
    Some(bytes)
}

/// Where a link of /proc leads; empty for kernel threads.
fn link(path: &Path) -> Vec<u8> {
    fs::read_link(path).unwrap_or_default().into_os_string().into_vec()
}

/// A path without the kernel's mark of unlinked files, and whether it had one.
fn without_mark(path: &[u8]) -> (Box<str>, bool) {
    path.strip_suffix(b" (deleted)").map_or_else(|| (text(path), false), |path| (text(path), true))
}

/// The program file behind a link. Files of memory are named as mm/memfd.c does.
fn program(path: &Path) -> (Box<str>, ExecutableTraits) {
    let (path, deleted) = without_mark(&link(path));
    let memfd = deleted && path.starts_with("/memfd:");
    (path, ExecutableTraits { deleted, memfd, upper_layer: false })
}

fn arguments(line: &[u8]) -> Arguments {
    if line.is_empty() {
        return Arguments::default();
    }
    line.strip_suffix(&[0]).unwrap_or(line).split(|byte| *byte == 0).map(text).collect()
}

/// The fields of /proc/PID/stat that are used (proc_pid_stat(5)).
pub(crate) struct Stat<'a> {
    pub(crate) name: &'a [u8],
    parent_pid: u32,
    flags: u32,
    /// Processor time of all its threads, also of those that have ended, in the kernel's and in its own code.
    pub(crate) used_ns: u64,
    pub(crate) start_ns: u64,
}

/// Flag of kernel threads (PF_KTHREAD, include/linux/sched.h).
const KERNEL_THREAD: u32 = 0x0020_0000;

impl<'a> Stat<'a> {
    /// The name stands in parentheses and may hold parentheses and blanks itself: its end is the last one.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let open = bytes.iter().position(|byte| *byte == b'(')?;
        let close = bytes.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(bytes.get(close + 1..)?).ok()?;
        // Field 3 (state) is the first of the rest.
        let mut fields = rest.split_ascii_whitespace();
        let parent_pid = fields.nth(1)?.parse().ok()?;
        let flags = fields.nth(4)?.parse().ok()?;
        let user: u64 = fields.nth(4)?.parse().ok()?;
        let system = fields.next()?.parse().ok()?;
        let start: u64 = fields.nth(6)?.parse().ok()?;
        let nanos = |ticks: u64| ticks.saturating_mul(ProcessKey::TICK_NS);
        Some(Self {
            name: bytes.get(open + 1..close)?,
            parent_pid,
            flags,
            used_ns: nanos(user.saturating_add(system)),
            start_ns: nanos(start),
        })
    }

    pub(crate) const fn is_kernel_thread(&self) -> bool {
        self.flags & KERNEL_THREAD != 0
    }
}

/// The lines of /proc/PID/status that are used.
struct Status {
    process: u32,
    uid: u32,
    effective_uid: u32,
    gid: u32,
    capabilities: Capabilities,
    inner_pid: u32,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        let line =
            |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim();
        let numbers = |key: &str| line(key).split_ascii_whitespace().map_while(|number| number.parse().ok());
        let mut users = numbers("Uid:");
        Some(Self {
            process: numbers("Tgid:").next()?,
            uid: users.next()?,
            effective_uid: users.next()?,
            gid: numbers("Gid:").next()?,
            capabilities: Capabilities(u64::from_str_radix(line("CapEff:"), 16).unwrap_or(0)),
            // One number for each pid namespace, the innermost last.
            inner_pid: numbers("NSpid:").last().unwrap_or(0),
        })
    }
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

fn read_cgroup(file: &Path) -> Option<Box<str>> {
    let text = read(file)?;
    let text = String::from_utf8_lossy(&text);
    let path = cgroup(&text);
    Some(path.strip_suffix(" (deleted)").unwrap_or(path).into())
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
        for (name, shown) in [(&b"sh"[..], "sh"), (b"a) R 9 (b)", "a) R 9 (b)"), (b"\xff", "\\xff")] {
            let rest = b") S 3 7 7 0 -1 4194304 1 0 0 0 30 12 0 0 20 0 1 0 4242 1 1";
            let line = [b"7 (", name, rest].concat();
            let stat = Stat::parse(&line).unwrap();
            let times = (stat.used_ns / ProcessKey::TICK_NS, stat.start_ns / ProcessKey::TICK_NS);
            assert_eq!((&*text(stat.name), stat.parent_pid, times), (shown, 3, (42, 4242)));
            assert!(!stat.is_kernel_thread());
        }
        let thread = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0";
        assert!(Stat::parse(thread).unwrap().is_kernel_thread());
        assert!(Stat::parse(b"7 (cut").is_none());
    }

    #[test]
    fn a_status_is_read_by_its_keys() {
        for (capabilities, bits) in [("CapEff:\t0000000800000021\n", 1 << 35 | 1 << 5 | 1), ("", 0)] {
            let text =
                format!("Name:\tx\nTgid:\t7\nNSpid:\t7\t3\nUid:\t1\t2\t3\t4\nGid:\t5\t6\n{capabilities}");
            let status = Status::parse(&text).unwrap();
            assert_eq!((status.process, status.uid, status.effective_uid, status.gid), (7, 1, 2, 5));
            assert_eq!((status.inner_pid, status.capabilities.0), (3, bits));
        }
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
