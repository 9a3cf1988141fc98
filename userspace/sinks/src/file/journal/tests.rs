use std::os::unix::fs::{PermissionsExt as _, symlink};

use rampart_model::{Severity, Timestamp};
use tempfile::TempDir;

use super::*;

fn lines(lines: &[&str]) -> Vec<Arc<Message>> {
    let message = |line: &&str| {
        let body = format!("{line}\n").into_bytes().into();
        Arc::new(Message { time: Timestamp::EPOCH, severity: Severity::Low, body })
    };
    lines.iter().map(message).collect()
}

/// A journal of files of 10 bytes, of which two old ones are kept.
fn small() -> (TempDir, PathBuf, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/findings");
    let journal = Journal::new(path.clone(), 10, 2);
    (folder, path, journal)
}

fn write_all(journal: &mut Journal, messages: &[Arc<Message>]) {
    let mut rest = messages;
    while !rest.is_empty() {
        let count = journal.write(rest).unwrap();
        rest = &rest[count..];
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_file_and_its_folder_are_for_their_owner_only() {
    let (_folder, path, mut journal) = small();
    write_all(&mut journal, &lines(&["a"]));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn a_full_file_is_turned_over_and_the_oldest_goes() {
    let (_folder, path, mut journal) = small();
    write_all(&mut journal, &lines(&["one", "two", "three", "four", "a line too long for any file", "six"]));
    assert_eq!(read(&path), "six\n");
    assert_eq!(read(&journal.numbered(1)), "a line too long for any file\n");
    assert_eq!(read(&journal.numbered(2)), "four\n", "`three` and what was before it are gone");
    assert!(!journal.numbered(3).exists());
}

#[test]
fn a_file_that_is_moved_away_emptied_or_deleted_is_begun_anew() {
    let (folder, path, mut journal) = small();
    write_all(&mut journal, &lines(&["a"]));
    let moved = folder.path().join("moved");
    fs::rename(&path, &moved).unwrap();
    write_all(&mut journal, &lines(&["b"]));
    assert_eq!((read(&moved), read(&path)), ("a\n".to_owned(), "b\n".to_owned()));
    fs::write(&path, "").unwrap();
    write_all(&mut journal, &lines(&["c"]));
    assert_eq!(read(&path), "c\n");
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    write_all(&mut journal, &lines(&["d"]));
    assert_eq!(read(&path), "d\n");
}

#[test]
fn a_line_cut_by_a_crash_is_completed() {
    let (_folder, path, mut journal) = small();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "half").unwrap();
    write_all(&mut journal, &lines(&["a"]));
    assert_eq!(read(&path), "half\na\n");
}

#[test]
fn a_full_disk_leaves_no_half_line() {
    let (_folder, path, mut journal) = small();
    write_all(&mut journal, &lines(&["a"]));
    let full = |mut file: &File, _: &[u8]| {
        file.write_all(b"ha")?;
        Err(io::ErrorKind::StorageFull.into())
    };
    let error = journal.write_with(&lines(&["half"]), full).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(read(&path), "a\n");
    write_all(&mut journal, &lines(&["half"]));
    assert_eq!(read(&path), "a\nhalf\n");
}

#[test]
fn nothing_is_written_through_a_link_or_to_what_is_no_file() {
    let (folder, path, mut journal) = small();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "").unwrap();
    symlink(&other, &path).unwrap();
    let error = journal.write(&lines(&["a"])).unwrap_err();
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    assert_eq!(read(&other), "");
    fs::remove_file(&path).unwrap();
    fs::create_dir_all(&path).unwrap();
    assert!(journal.write(&lines(&["a"])).is_err());
    fs::remove_dir(&path).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    let error = journal.write(&lines(&["a"])).unwrap_err();
    assert!(error.to_string().ends_with("not a regular file"), "{error}");
}
