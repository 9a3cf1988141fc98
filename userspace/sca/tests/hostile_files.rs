//! Files and folders that somebody made to stop a scan, to fill its memory, or to lead it out of the host's root.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    ffi::OsStr,
    fs::{self, File, Permissions},
    ops::ControlFlow,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{PermissionsExt as _, symlink},
    },
    path::Path,
};

use proptest::prelude::{Just, Strategy as _, any, prop, prop_oneof, proptest};
use rampart_sca::host::{
    Existence, FolderExistence, FolderFault, Host, HostConfig, Launcher, Limits, ProcessFault, Walked,
};
use rustix::{
    fs::{CWD, FileType, Mode, makedev, mknodat},
    thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities},
};
use tempfile::TempDir;

const LIMITS: Limits = Limits { file_bytes: 1 << 20, walk_entries: 500, walk_depth: 8, ..Limits::DEFAULT };

fn host(root: &Path) -> Host {
    let launcher = Launcher::this_program(["no", "command", "is", "run"]);
    let root = root.to_owned();
    Host::new(HostConfig { root, limits: LIMITS, launcher, skip_nfs: true, cpu_share: None }).unwrap()
}

/// A root with one of everything.
fn root() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    fs::create_dir_all(path("etc/ssh")).unwrap();
    fs::write(path("etc/passwd"), "root of the scanned host\n").unwrap();
    fs::write(path("secret"), "x\n").unwrap();
    fs::set_permissions(path("secret"), Permissions::from_mode(0o0)).unwrap();
    File::create(path("sparse")).unwrap().set_len(10 << 30).unwrap();
    fs::write(path("line"), "x".repeat(1 << 20)).unwrap();
    for (link, target) in [
        ("loop", "loop"),
        ("absolute", "/etc/passwd"),
        ("climbing", "../../../../../../../../etc/passwd"),
        ("etc/up", "../../../etc/passwd"),
        ("outside", "/dev/null"),
        ("dangling", "nowhere"),
        ("folder", "etc"),
        ("etc/again", "."),
    ] {
        symlink(target, path(link)).unwrap();
    }
    mknodat(CWD, path("fifo"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    root
}

/// What the engine would make of reading the whole file: its lines, or the reason.
fn content(host: &Host, path: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut lines = Vec::new();
    host.read_lines(path, &mut |line| {
        lines.push(line.to_vec());
        ControlFlow::Continue(())
    })
    .map(|_| lines)
    .map_err(|fault| fault.to_string())
}

/// Root may read everything; this thread may not any more.
fn without_privileges<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, || {
            let permitted = capabilities(None).unwrap().permitted;
            let empty = CapabilitySet::empty();
            let sets = CapabilitySets { effective: empty, permitted, inheritable: empty };
            set_capabilities(None, sets).unwrap();
            work()
        });
        thread.unwrap().join().unwrap()
    })
}

#[test]
fn a_file_has_content_or_a_reason() {
    let root = root();
    let host = host(root.path());
    let ours = Ok(vec![b"root of the scanned host".to_vec()]);
    let reason = |text: &str| Err(text.to_owned());
    let table = [
        ("/etc/passwd", ours.clone()),
        ("etc/passwd", ours.clone()),
        ("/../../etc/passwd", ours.clone()),
        ("/absolute", ours.clone()),
        ("/climbing", ours.clone()),
        ("/etc/up", ours.clone()),
        ("/folder/again/passwd", ours),
        ("/outside", reason("Could not open file '/outside'")),
        ("/dangling", reason("Could not open file '/dangling'")),
        ("", reason("Could not open file ''")),
        ("/loop", reason("Could not resolve the real path of '/loop': Too many levels of symbolic links")),
        ("/etc/passwd/x", reason("Could not resolve the real path of '/etc/passwd/x': Not a directory")),
        ("/fifo", reason("FILE_EXISTS(/fifo) -> RETURN_INVALID: Not a regular file.")),
        ("/etc", reason("FILE_EXISTS(/etc) -> RETURN_INVALID: Not a regular file.")),
        ("/sparse", reason("File '/sparse' is larger than 1048576 bytes, and nothing was found in these")),
    ];
    for (path, expected) in table {
        assert_eq!(content(&host, path), expected, "{path}");
    }
    let secret = without_privileges(|| content(&host, "/secret"));
    assert_eq!(secret, reason("Could not open file '/secret': Permission denied"));
}

#[test]
fn devices_are_not_opened() {
    let host = Host::new(HostConfig {
        root: "/".into(),
        limits: LIMITS,
        launcher: Launcher::Direct,
        skip_nfs: true,
        cpu_share: None,
    });
    let host = host.unwrap();
    for path in ["/dev/zero", "/proc/self/root/dev/null"] {
        let Existence::Invalid(fault) = host.existence(path) else { panic!("{path}") };
        assert!(fault.to_string().ends_with("Not a regular file."), "{fault}");
    }
    let root = tempfile::tempdir().unwrap();
    // The watchdog, which begins to bite when it is opened.
    let device = makedev(10, 130);
    if mknodat(CWD, root.path().join("watchdog"), FileType::CharacterDevice, Mode::RUSR, device).is_ok() {
        assert!(content(&self::host(root.path()), "/watchdog").unwrap_err().contains("Not a regular file."));
    }
}

#[test]
fn what_exists_is_told_apart_from_what_cannot_be_known() {
    let root = root();
    let host = host(root.path());
    let Existence::Present(facts) = host.existence("/folder/up") else { panic!() };
    assert_eq!((facts.path.as_path(), facts.size), (Path::new("/etc/passwd"), 25));
    assert_eq!(host.existence("/dangling"), Existence::Missing);
    assert!(matches!(host.existence("/loop"), Existence::Invalid(_)));
    assert!(matches!(host.folder("/folder"), FolderExistence::Present(_)));
    assert_eq!(host.folder("/nowhere"), FolderExistence::Missing);
    let FolderExistence::Invalid(fault) = host.folder("/etc/passwd") else { panic!() };
    assert_eq!(fault.to_string(), "Could not check directory existence for '/etc/passwd': Not a directory");
}

#[test]
fn a_long_line_comes_in_pieces() {
    let root = root();
    let lines = content(&host(root.path()), "/line").unwrap();
    let lengths: Vec<usize> = lines.iter().map(Vec::len).collect();
    assert_eq!((lengths.len(), lengths.iter().max(), lengths.iter().sum()), (513, Some(&2047), 1 << 20));
}

#[test]
fn reading_ends_where_the_line_was_found() {
    let root = root();
    let mut count = 0;
    let facts = host(root.path()).read_lines("/sparse", &mut |_| {
        count += 1;
        ControlFlow::Break(())
    });
    assert_eq!((facts.unwrap().size, count), (10 << 30, 1));
}

/// Reads as `while (fgets(buffer, 2048, file)) trim(buffer)` does, byte by byte.
fn naive(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1).min(2047);
        let (first, after) = rest.split_at(end);
        let mut line = first.to_vec();
        rest = after;
        line.truncate(line.iter().position(|byte| *byte == 0).unwrap_or(line.len()));
        while line.last().is_some_and(|byte| b"\r\n".contains(byte)) {
            line.pop();
        }
        lines.push(line);
    }
    lines
}

proptest! {
    #[test]
    fn lines_are_those_of_the_stock_agent(
        parts in prop::collection::vec(
            prop_oneof![
                (2040..2050_usize).prop_map(|length| vec![b'x'; length]),
                prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0), any::<u8>()], 0..9),
            ],
            0..9,
        )
    ) {
        let root = tempfile::tempdir().unwrap();
        let bytes = parts.concat();
        fs::write(root.path().join("file"), &bytes).unwrap();
        proptest::prop_assert_eq!(content(&host(root.path()), "/file").unwrap(), naive(&bytes));
    }
}

/// Entries and faults of a walk, sorted, and how it ended.
fn walk(host: &Host, folder: &str) -> (Vec<Vec<u8>>, Vec<String>, Option<String>) {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    let end = host.walk(folder, &mut |walked| {
        match walked {
            Walked::Entry { path, name } => {
                assert_eq!(path.file_name().unwrap().as_bytes(), name);
                entries.push(path.as_os_str().as_bytes().to_vec());
            }
            Walked::Fault(fault) => faults.push(fault.to_string()),
        }
        ControlFlow::Continue(())
    });
    entries.sort();
    (entries, faults, end.err().map(|fault| fault.to_string()))
}

#[test]
fn a_walk_tells_of_all_names_and_follows_no_link() {
    let root = root();
    fs::create_dir_all(root.path().join("etc/ssh/line\nfeed")).unwrap();
    for name in [&b"line\nfeed/\xff\xfe"[..], b"a,b"] {
        File::create(root.path().join("etc/ssh").join(OsStr::from_bytes(name))).unwrap();
    }
    let (entries, faults, end) = walk(&host(root.path()), "/etc");
    let expected = ["/etc/again", "/etc/passwd", "/etc/ssh/a,b"].map(str::as_bytes);
    assert_eq!(entries, [&expected[..], &[b"/etc/ssh/line\nfeed/\xff\xfe", b"/etc/up"]].concat());
    assert!(faults.is_empty() && end.is_none(), "{faults:?} {end:?}");
}

#[test]
fn a_folder_has_a_walk_or_a_reason() {
    let root = root();
    let host = host(root.path());
    let deep = "deep/1/2/3/4/5/6/7/8/9";
    fs::create_dir_all(root.path().join(deep)).unwrap();
    fs::create_dir_all(root.path().join("many")).unwrap();
    for index in 0..501 {
        File::create(root.path().join(format!("many/{index}"))).unwrap();
    }
    for (folder, reason) in [
        ("/nowhere", "Could not open dir '/nowhere'"),
        ("/loop", "Could not open '/loop': Too many levels of symbolic links"),
        ("/etc/passwd", "Could not open '/etc/passwd': Not a directory"),
        ("/fifo", "Could not open '/fifo': Not a directory"),
        ("/many", "Directory '/many' has more than 500 entries"),
    ] {
        assert_eq!(walk(&host, folder).2.as_deref(), Some(reason), "{folder}");
    }
    let too_deep = FolderFault::TooDeep { path: Path::new("/").join(deep), depth: 8 };
    assert_eq!(walk(&host, "/deep"), (vec![], vec![too_deep.to_string()], None));

    fs::set_permissions(root.path().join("etc/ssh"), Permissions::from_mode(0o0)).unwrap();
    let (entries, faults, end) = without_privileges(|| walk(&host, "/etc"));
    assert_eq!((entries.len(), end), (3, None));
    assert_eq!(faults, ["Could not open '/etc/ssh': Permission denied"]);
}

#[test]
fn processes_are_those_of_the_root() {
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    let root = tempfile::tempdir().unwrap();
    assert_eq!(host(root.path()).processes(), Err(ProcessFault::NoProc));
    let own = host(Path::new("/proc/self/root")).processes().unwrap();
    let own = own.iter().find(|process| process.pid == std::process::id()).unwrap();
    assert_eq!(own.name, name.trim_end().as_bytes());
}
