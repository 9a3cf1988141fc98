use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::symlink,
    path::Path,
};

use super::*;

const RULE: &str = "\
title: T
id: 00000000-0000-4000-8000-000000000001
description: D
level: low
tags: [attack.t1496]
logsource: { product: linux, category: mount }
detection: { a: { mount.source: /x }, condition: a }
tests: { match: [ { mount.source: /x } ], no_match: [ { mount.source: /y } ] }
";

/// `rules` is the root: a link to `gen/a`, through `current`. In it a file, a folder with one, and what a `ConfigMap`
/// volume looks like.
fn lay_out(top: &Path) -> PathBuf {
    for folder in ["gen/a/sub", "gen/a/..2026", "gen/b", "beside"] {
        fs::create_dir_all(top.join(folder)).unwrap();
    }
    for file in ["gen/a/one.yml", "gen/a/sub/two.yml", "gen/a/..2026/three.yml", "gen/b/one.yml"] {
        fs::write(top.join(file), RULE).unwrap();
    }
    for (link, target) in [
        ("gen/a/..data", "..2026"),
        ("gen/a/three.yml", "..data/three.yml"),
        ("current", "gen/a"),
        ("rules", "current"),
    ] {
        symlink(target, top.join(link)).unwrap();
    }
    top.join("rules")
}

fn swap(link: &Path, target: &str) {
    let new = link.with_file_name("..data_tmp");
    symlink(target, &new).unwrap();
    fs::rename(new, link).unwrap();
}

fn append(path: &Path) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(b"# more\n").unwrap();
}

type Deed = fn(&Path);

/// What somebody does, and whether it is noticed and whether it makes another set of files.
const DEEDS: [(&str, Deed, bool, bool); 17] = [
    ("nothing", |_| {}, false, false),
    ("read", |top| drop(fs::read(top.join("gen/a/one.yml")).unwrap()), false, false),
    ("write", |top| fs::write(top.join("gen/a/new.yml"), RULE).unwrap(), true, true),
    ("write below", |top| fs::write(top.join("gen/a/sub/new.yaml"), RULE).unwrap(), true, true),
    ("append", |top| append(&top.join("gen/a/sub/two.yml")), true, true),
    ("append behind a link", |top| append(&top.join("gen/a/..2026/three.yml")), true, true),
    ("remove", |top| fs::remove_file(top.join("gen/a/one.yml")).unwrap(), true, true),
    ("rename", |top| fs::rename(top.join("gen/a/one.yml"), top.join("gen/a/1.yml")).unwrap(), true, true),
    ("rewrite", |top| fs::write(top.join("gen/a/one.yml"), RULE).unwrap(), true, false),
    ("folder", |top| fs::create_dir_all(top.join("gen/a/more")).unwrap(), true, true),
    ("README", |top| fs::write(top.join("gen/a/README.md"), "x").unwrap(), false, true),
    ("beside", |top| fs::write(top.join("beside/one.yml"), RULE).unwrap(), false, false),
    ("another generation", |top| append(&top.join("gen/b/one.yml")), false, false),
    ("root renamed", |top| fs::rename(top.join("gen/a"), top.join("gen/c")).unwrap(), true, true),
    ("link swapped", |top| swap(&top.join("rules"), "gen/b"), true, true),
    ("link on the way swapped", |top| swap(&top.join("current"), "gen/b"), true, true),
    (
        "config map swapped",
        |top| {
            let (folder, data) = (top.join("gen/a/..2027"), top.join("gen/a/..data"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("three.yml"), RULE.replace("/x", "/z")).unwrap();
            swap(&data, "..2027");
        },
        true,
        true,
    ),
];

#[test]
fn what_touches_rules_is_noticed() {
    for (name, deed, noticed, other) in DEEDS {
        let top = tempfile::tempdir().unwrap();
        let roots = [lay_out(top.path())];
        let mut watches = Watches::new().unwrap();
        let digest = watches.survey(&roots).unwrap();
        assert!(!watches.have_changed(), "{name}: looking changes nothing");
        deed(top.path());
        assert_eq!(watches.have_changed(), noticed, "{name}");
        assert_eq!(Digest::of(&roots) != digest, other, "{name}");
    }
}

#[test]
fn a_root_that_is_a_link_in_another_is_noticed() {
    let top = tempfile::tempdir().unwrap();
    let rules = lay_out(top.path());
    // What it leads to is neither rules nor a folder by its name.
    let site = rules.join("site");
    symlink("../b", &site).unwrap();
    for roots in [[rules.clone(), site.clone()], [site.clone(), rules]] {
        let mut watches = Watches::new().unwrap();
        watches.survey(&roots).unwrap();
        let new = top.path().join("new");
        symlink("../../beside", &new).unwrap();
        fs::rename(new, &site).unwrap();
        assert!(watches.have_changed(), "{roots:?}");
    }
}

#[test]
fn a_root_that_comes_back_is_noticed() {
    let top = tempfile::tempdir().unwrap();
    let roots = [top.path().join("not/yet/rules")];
    for folder in ["not", "not/yet", "not/yet/rules"] {
        let mut watches = Watches::new().unwrap();
        watches.survey(&roots).unwrap();
        fs::create_dir_all(top.path().join("other")).unwrap();
        fs::remove_dir(top.path().join("other")).unwrap();
        assert!(!watches.have_changed(), "{folder}");
        fs::create_dir_all(top.path().join(folder)).unwrap();
        assert!(watches.have_changed(), "{folder}");
    }
}

#[test]
fn a_single_file_is_watched_with_its_folder() {
    let top = tempfile::tempdir().unwrap();
    let file = top.path().join("one.yml");
    fs::write(&file, RULE).unwrap();
    let deeds: [(&str, Deed, bool); 3] = [
        ("append", |top| append(&top.join("one.yml")), true),
        ("beside", |top| fs::write(top.join("two.yml"), RULE).unwrap(), false),
        ("replace", |top| fs::rename(top.join("two.yml"), top.join("one.yml")).unwrap(), true),
    ];
    for (name, deed, noticed) in deeds {
        let mut watches = Watches::new().unwrap();
        watches.survey(std::slice::from_ref(&file)).unwrap();
        deed(top.path());
        assert_eq!(watches.have_changed(), noticed, "{name}");
    }
}

#[test]
fn a_full_queue_counts_as_a_change() {
    let top = tempfile::tempdir().unwrap();
    let root = top.path().join("rules");
    fs::create_dir_all(&root).unwrap();
    let mut watches = Watches::new().unwrap();
    watches.survey(&[root]).unwrap();
    let most: u32 =
        fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    let other = top.path().join("other");
    for _ in 0..=most / 2 {
        drop(File::create(&other).unwrap());
        fs::remove_file(&other).unwrap();
    }
    assert!(watches.have_changed());
}

/// Links in a ring lead nowhere, and not for ever.
#[test]
fn links_do_not_run_away() {
    let top = tempfile::tempdir().unwrap();
    symlink("b", top.path().join("a")).unwrap();
    symlink("a", top.path().join("b")).unwrap();
    let mut watches = Watches::new().unwrap();
    watches.survey(&[top.path().join("a")]).unwrap();
    fs::remove_file(top.path().join("b")).unwrap();
    assert!(watches.have_changed());
}

fn watcher(root: &Path) -> (Watcher, Reloads) {
    let reloads = Reloads::default();
    let roots = vec![root.to_owned()];
    let in_force = Digest::of(&roots);
    (Watcher::new(roots, true, in_force, reloads.clone()), reloads)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn outcome(reloads: &Reloads) -> String {
    match reloads.take() {
        None => "nothing".to_owned(),
        Some(Reloaded::Rules(rules)) => format!("{} rules", rules.count),
        Some(Reloaded::Refused(errors)) => errors.join("\n"),
    }
}

#[test]
fn rules_are_put_in_force_or_refused_once() {
    let top = tempfile::tempdir().unwrap();
    let file = top.path().join("one.yml");
    fs::write(&file, RULE).unwrap();
    let (watcher, reloads) = watcher(top.path());
    let failing = RULE.replace("/y", "/x");
    for (text, asked, expected) in [
        (RULE, false, "nothing"),
        (RULE, true, "1 rules"),
        ("title: [", false, "one.yml:1:"),
        ("title: [", false, "nothing"),
        ("title: [", true, "one.yml:1:"),
        (&failing, false, "one.yml:8:55: `T` matches an event that it must not (correct the rule"),
        (RULE, false, "1 rules"),
        (RULE, false, "nothing"),
    ] {
        fs::write(&file, text).unwrap();
        assert!(block_on(watcher.read(asked)).unwrap().is_some());
        let found = outcome(&reloads);
        assert!(found.contains(expected), "{text} {asked}: {found}");
    }
    fs::remove_dir_all(top.path()).unwrap();
    block_on(watcher.read(false)).unwrap();
    let found = outcome(&reloads);
    assert!(found.contains("cannot be opened: No such file"), "{found}");
}

#[test]
fn a_change_is_loaded_when_it_has_settled() {
    let top = tempfile::tempdir().unwrap();
    fs::write(top.path().join("one.yml"), RULE).unwrap();
    let (watcher, reloads) = watcher(top.path());
    block_on(async {
        let deeds = async {
            // Before it watches, and then while it does.
            for number in 2..4 {
                let text = RULE.replace("000001", &format!("00000{number}"));
                fs::write(top.path().join(format!("{number}.yml")), text).unwrap();
                let expected = format!("{number} rules");
                while outcome(&reloads) != expected {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        };
        tokio::select! {
            ended = watcher.run() => panic!("{ended:?}"),
            done = tokio::time::timeout(Duration::from_secs(20), deeds) => done.unwrap(),
        }
    });
}
