//! Every file under `tests/data/{bad,lenient}` against what it says of itself: `#~ ` lines hold the problems to expect,
//! and `#= ` the number of rules that are left, and of correlations and exceptions where there are any.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use rampart_policy::{Loaded, Mode, load_paths};

fn report(loaded: &Loaded) -> String {
    let mut report = String::new();
    for problem in &loaded.problems {
        let name = Path::new(&*problem.file).file_name().unwrap().to_str().unwrap();
        let text = problem.to_string().replace(&*problem.file, name);
        writeln!(report, "#~ {text}").unwrap();
        assert!(!problem.help().is_empty());
    }
    let set = &loaded.rules;
    write!(report, "#= {}", set.rules().len()).unwrap();
    for (number, what) in [(set.correlations().len(), "correlations"), (set.exceptions().len(), "exceptions")]
    {
        if number > 0 {
            write!(report, ", {what}: {number}").unwrap();
        }
    }
    report + "\n"
}

/// The files in a folder and in those that it holds, which tell what kind of file they are.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn check(folder: &str, mode: Mode) {
    let mut wrong = String::new();
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder)) {
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
