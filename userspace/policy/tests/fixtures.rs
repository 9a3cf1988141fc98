//! Every file under `tests/data` against what it says of itself: `#~ ` lines hold the problems to expect,
//! and `#= ` the number of rules that are left.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{fmt::Write as _, fs, path::Path};

use rampart_policy::{Loaded, Mode, load_paths};

fn report(loaded: &Loaded) -> String {
    let mut report = String::new();
    for problem in &loaded.problems {
        let name = Path::new(&*problem.file).file_name().unwrap().to_str().unwrap();
        let text = problem.to_string().replace(&*problem.file, name);
        writeln!(report, "#~ {text}").unwrap();
        assert!(!problem.help().is_empty());
    }
    writeln!(report, "#= {}", loaded.rules.rules().len()).unwrap();
    report
}

fn check(folder: &str, mode: Mode) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut wrong = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let expected: String = text
            .lines()
            .filter(|line| line.starts_with("#~") || line.starts_with("#="))
            .map(|l| l.to_owned() + "\n")
            .collect();
        let report = report(&load_paths(&[&path], mode).unwrap());
        if report != expected {
            writeln!(wrong, "{}\n{report}", path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn bad_files_tell_all_that_is_wrong() {
    check("bad", Mode::Strict);
}

#[test]
fn lenient_leaves_out_what_it_must() {
    check("lenient", Mode::Lenient);
}
