//! Folders of policies as they are found on disks.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{fs, os::unix::fs::symlink, path::Path};

use rampart_policy::{BUILTIN, Loaded, Mode, embedded, limit, load_dir, load_paths};

fn rule(number: u32) -> String {
    format!(
        "title: T\nid: 00000000-0000-4000-8000-{number:012}\ndescription: D\nlevel: low\n\
         tags: [nist_800_53.si-4]\nlogsource: {{ product: linux, category: mount }}\n\
         detection: {{ a: {{ mount.source: /x }}, condition: a }}\n\
         tests: {{ match: [ {{ mount.source: /x }} ], no_match: [ {{ mount.source: /y }} ] }}\n"
    )
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn load(folder: &Path) -> Loaded {
    load_dir(folder, Mode::Strict).unwrap()
}

fn problems(loaded: &Loaded) -> Vec<String> {
    loaded.problems.iter().map(|problem| problem.fault.to_string()).collect()
}

#[test]
fn one_bad_file_keeps_no_other_out() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yml", rule(1));
    write(folder.path(), "b.yml", "title: [");
    write(folder.path(), "c.yml", [0xff, 0xfe, 0x00]);
    write(folder.path(), "d.yml", vec![b'#'; usize::try_from(limit::FILE_BYTES).unwrap() + 1]);
    write(folder.path(), "e/f.yaml", rule(2));
    write(folder.path(), "README.md", "no rule");
    write(folder.path(), "sca/x.yml", "no rule");
    let loaded = load(folder.path());
    assert_eq!(loaded.rules.rules().len(), 2);
    assert_eq!(loaded.problems.len(), 3, "{:?}", problems(&loaded));
}

/// A `ConfigMap` volume's files are links to links into a hidden folder.
#[test]
fn a_config_map_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "..2026/a.yml", rule(1));
    symlink("..2026", folder.path().join("..data")).unwrap();
    symlink("..data/a.yml", folder.path().join("a.yml")).unwrap();
    let loaded = load(folder.path());
    assert_eq!((loaded.rules.rules().len(), problems(&loaded)), (1, vec![]));
}

#[test]
fn links_and_depth_do_not_run_away() {
    let folder = tempfile::tempdir().unwrap();
    symlink("..", folder.path().join("up")).unwrap();
    symlink("gone.yml", folder.path().join("broken.yml")).unwrap();
    write(folder.path(), "1/2/3/4/5/6/7/8/9/deep.yml", rule(1));
    let loaded = load(folder.path());
    assert!(loaded.rules.rules().is_empty());
    assert_eq!(loaded.problems.len(), 3, "{:?}", problems(&loaded));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let error = load_dir(Path::new("/no/such/folder"), Mode::Strict).unwrap_err();
    assert!(error.to_string().starts_with("/no/such/folder: "));
}

#[test]
fn a_catalogue_replaces_the_one_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yml", rule(1));
    write(
        folder.path(),
        "controls/nist_800_53.yml",
        "framework: nist_800_53\nversion: mine\ncontrols: [ { id: X-1, title: T, family: F } ]\n",
    );
    write(folder.path(), "controls/else.yml", "x: y\n");
    let faults = problems(&load(folder.path()));
    assert!(faults.contains(&"unknown control `nist_800_53.si-4`".to_owned()), "{faults:?}");
    assert!(faults.contains(&"no catalogue has this name".to_owned()), "{faults:?}");
    write(folder.path(), "controls/nist_800_53.yml", "[");
    assert_eq!(load(folder.path()).rules.rules().len(), 1);
}

#[test]
fn the_same_rule_twice_is_told_with_both_places() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(one.path(), "a.yml", rule(1));
    write(two.path(), "b.yml", rule(1));
    let loaded = load_paths(&[one.path(), two.path()], Mode::Strict).unwrap();
    assert_eq!((loaded.rules.rules().len(), loaded.problems.len()), (1, 1));
    assert!(problems(&loaded).concat().contains("a.yml:1:1"));
}

#[test]
fn references_reach_across_files_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let id = "00000000-0000-4000-8000-000000000001";
    write(
        folder.path(),
        "a.yml",
        format!(
            "title: C\nid: 00000000-0000-4000-8000-000000000002\ndescription: D\n\
             correlation: {{ type: temporal, rules: [{id}], timespan: 1m }}\n\
             tests: {{ match: [[{{ mount.source: /x }}]], no_match: [[{{ mount.source: /y }}]] }}\n"
        ),
    );
    write(folder.path(), "b/rule.yml", rule(1));
    write(
        folder.path(),
        "b/exceptions/e.yaml",
        format!(
            "title: E\nid: 00000000-0000-4000-8000-000000000003\nowner: O\nreason: R\nexpires: 2026-12-31\n\
             rules: [{id}, 00000000-0000-4000-8000-000000000002]\n\
             detection: {{ a: {{ mount.target|expand: '%mounts%' }}, condition: a }}\n"
        ),
    );
    write(folder.path(), "z/placeholders/p.yml", "mounts: [/mnt, /media]\n");
    let loaded = load(folder.path());
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let set = &loaded.rules;
    assert_eq!((set.rules().len(), set.correlations().len(), set.exceptions().len()), (1, 1, 1));
    assert!(set.rules().iter().all(|rule| rule.silent));
    assert!(set.exceptions().iter().all(|exception| exception.rules.len() == 2));
}

#[test]
fn a_placeholder_has_one_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "placeholders/a.yml", "x: 1\n");
    write(folder.path(), "placeholders/b.yml", "y: 1\nx: 1\n");
    let loaded = load(folder.path());
    let told: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told.concat().contains("b.yml:2:1: error: the name `x` is already used at"), "{told:?}");
}

#[test]
fn own_rules_stand_beside_those_in_the_binary() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yml", rule(1));
    write(folder.path(), "placeholders/ours.yml", "shells+: [our-shell]\n");
    let both = load_paths(&[folder.path(), Path::new(BUILTIN)], Mode::Strict).unwrap();
    assert_eq!(problems(&both), Vec::<String>::new());
    assert_eq!(both.rules.rules().len(), embedded().rules.rules().len() + 1);
    assert_eq!(both.catalogue, embedded().catalogue);
    // Alone, there is nothing to add to.
    assert_eq!(problems(&load(folder.path())), ["there is no list `shells` to add to"]);
}
