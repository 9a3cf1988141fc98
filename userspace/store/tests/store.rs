//! What is kept, through the public boundary.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use rampart_store::{DOCUMENT_BYTES, Store, StoreError};

type Documents = Vec<(String, String)>;

fn documents(store: &Store) -> Documents {
    store.table("letters").all().unwrap()
}

fn open(folder: &Path) -> Result<Store, StoreError> {
    let store = Store::new(folder);
    store.table::<String>("letters").all()?;
    Ok(store)
}

#[test]
fn documents_stay_until_others_take_their_place() {
    let folder = tempfile::tempdir().unwrap();
    for (put, expected) in [
        (vec![("a", "1"), ("b", "2")], vec![("a", "1"), ("b", "2")]),
        (vec![("b", "3")], vec![("b", "3")]),
        (vec![], vec![]),
    ] {
        let store = open(folder.path()).unwrap();
        let put = put.into_iter().map(|(key, value)| (key, value.to_owned()));
        store.table("letters").replace(put).unwrap();
        drop(store);
        let store = open(folder.path()).unwrap();
        let expected: Documents = expected.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        assert_eq!(documents(&store), expected);
    }
}

#[test]
fn what_cannot_be_kept_leaves_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.table("letters").replace([("a", "1".to_owned())]).unwrap();
    let large = "x".repeat(DOCUMENT_BYTES);
    let error = store.table("letters").replace([("b", large)]).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    assert_eq!(documents(&store), [("a".to_owned(), "1".to_owned())]);
    let error = store.table::<u32>("letters").all().unwrap_err();
    assert!(error.to_string().starts_with("`a` of `letters`: "), "{error}");
}

#[test]
fn it_is_its_owners_and_one_process_has_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("state");
    let store = open(&folder).unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(matches!(open(&folder), Err(StoreError::Taken(_))));
    drop(store);
    fs::remove_file(folder.join("rampart.redb")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("rampart.redb")).unwrap();
    assert!(matches!(open(&folder), Err(StoreError::Unavailable { .. })));
}

#[test]
fn a_damaged_file_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rampart.redb"), [7; 8192]).unwrap();
    let store = Store::new(folder.path());
    assert!(matches!(store.table::<String>("letters").all(), Err(StoreError::Damaged { .. })));
    assert_eq!(fs::read(folder.path().join("rampart.redb.damaged")).unwrap(), [7; 8192]);
    assert_eq!(documents(&store), []);
}

#[test]
fn what_could_not_be_had_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("rampart.redb");
    fs::create_dir_all(&in_the_way).unwrap();
    let store = Store::new(folder.path());
    assert!(matches!(store.table::<String>("letters").all(), Err(StoreError::Unavailable { .. })));
    fs::remove_dir(in_the_way).unwrap();
    store.table("letters").replace([("a", "1".to_owned())]).unwrap();
}
