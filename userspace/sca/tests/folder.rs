//! Policies in folders, in files and in the binary, and what they say beside their checks.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{fs, path::Path};

use rampart_policy::{BUILTIN, Catalogue, Mode, embedded_catalogue};
use rampart_sca::{Check, Condition, Loaded, embedded, limit, load_paths, parse};

fn policy(id: &str, checks: &[u32]) -> String {
    let checks = checks
        .iter()
        .map(|check| format!("\n- {{ id: {check}, title: T, condition: all, rules: ['f:/etc/passwd'] }}"));
    let checks: Vec<String> = checks.collect();
    format!("policy: {{ id: {id}, name: N, file: {id}.yml, description: D }}\nchecks: {}\n", checks.concat())
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn load(paths: &[&Path]) -> Loaded {
    load_paths(paths, &Catalogue::default(), Mode::Lenient).unwrap()
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    loaded.policies.iter().map(|policy| &*policy.id).collect()
}

#[test]
fn a_folder_is_its_policies() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "b.yml", policy("b", &[2]));
    write(root, "a/x.yaml", policy("a", &[1]));
    write(root, "README.md", "no policy");
    write(root, "bad.yml", "policy: [");
    write(root, "large.yml", vec![b'#'; usize::try_from(limit::FILE_BYTES).unwrap() + 1]);
    let loaded = load(&[root]);
    assert_eq!((ids(&loaded), loaded.files, loaded.problems.len()), (vec!["a", "b"], 4, 2));
    assert!(loaded.has_errors());
    assert_eq!(ids(&load(&[&root.join("b.yml")])), ["b"]);
    assert!(load_paths(&[root.join("none")], &Catalogue::default(), Mode::Lenient).is_err());
}

#[test]
fn among_other_policies_only_those_of_sca_are_read() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "sca/a.yml", policy("a", &[1]));
    write(folder.path(), "runtime/rule.yml", "title: T");
    let loaded = load(&[folder.path()]);
    assert_eq!((ids(&loaded), loaded.files, loaded.has_errors()), (vec!["a"], 1, false));
}

#[test]
fn the_first_of_two_with_one_id_counts() {
    let folder = tempfile::tempdir().unwrap();
    for (name, id, checks) in [("1", "a", [1, 2]), ("2", "b", [2, 3]), ("3", "a", [4, 5]), ("4", "c", [3, 4])]
    {
        write(folder.path(), &format!("{name}.yml"), policy(id, &checks));
    }
    let loaded = load(&[folder.path()]);
    assert_eq!(ids(&loaded), ["a", "c"]);
    let told: Vec<_> = loaded
        .problems
        .iter()
        .map(|problem| problem.to_string().replace(&format!("{}/", folder.path().display()), ""))
        .collect();
    assert_eq!(
        told,
        [
            "2.yml:3:9: error: the check 2 is already at 1.yml:4:9 (the policy is left out)",
            "3.yml:1:15: error: the policy `a` is already loaded from 1.yml (the policy is left out)",
        ]
    );
}

#[test]
fn the_binary_has_policies() {
    let loaded = embedded();
    let told: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    let named = load_paths(&[BUILTIN], embedded_catalogue(), Mode::Strict).unwrap();
    assert_eq!(ids(&named), ids(&loaded));
}

#[test]
fn everything_that_is_said_is_kept() {
    let text = include_str!("data/strict/whole.yml");
    let policy = parse("whole.yml", text.as_bytes(), embedded_catalogue(), Mode::Strict).policy.unwrap();
    assert_eq!((&*policy.name, &*policy.file, &*policy.origin), ("The name", "whole.yml", "whole.yml"));
    assert_eq!((&*policy.description, policy.references.len()), ("What it is about.", 2));
    assert!(policy.digest.starts_with(&[0x01, 0x8a, 0x28, 0xf5]));
    let requirements = policy.requirements.unwrap();
    assert_eq!((requirements.condition, requirements.rules.len()), (Condition::Any, 2));
    let [first, second] = policy.checks.as_slice() else { unreachable(&policy.checks) };
    assert_eq!((first.id, first.condition, first.level()), (7, Condition::None, Some(2)));
    assert_eq!(first.description.as_deref(), Some("A text of\nseveral lines."));
    assert_eq!(first.remediation.as_deref(), Some("Do it."));
    assert_eq!((first.rationale.as_deref(), first.references.len()), (Some("Because."), 1));
    assert_eq!((second.description.as_deref(), second.compliance.len(), second.level()), (None, 0, None));
}

#[expect(clippy::panic, reason = "a test fails by it")]
fn unreachable(checks: &[Check]) -> ! {
    panic!("{checks:?}")
}
