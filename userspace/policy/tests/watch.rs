//! The files that are watched for tests that say nothing, or the opposite, of a path: all of them.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use rampart_model::WatchPattern;
use rampart_policy::{Catalogue, Mode, RuleSet, parse_rules};

fn watched(selection: &str) -> Vec<String> {
    let rule = format!(
        "title: T\nid: 6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11\ndescription: D\nlevel: low\n\
         logsource: {{ product: linux, category: file_event }}\n\
         detection: {{ a: {selection}, condition: a }}\n"
    );
    let rules: RuleSet = parse_rules("x", rule.as_bytes(), &Catalogue::default(), Mode::Lenient)
        .unwrap()
        .into_iter()
        .collect();
    let entries = rules.watch();
    let patterns = entries.entries().iter().map(|entry| match &entry.what {
        WatchPattern::Below(path) => path.to_string(),
        WatchPattern::Named(name) => format!("**/{name}"),
        WatchPattern::SetUid => "+s".to_owned(),
    });
    patterns.collect()
}

#[test]
fn tests_without_a_path_spare_no_file() {
    for (selection, expected) in [
        ("{ TargetFilename|neq: /a }", &["/"][..]),
        ("{ TargetFilename|contains|all|neq: [/a, /b] }", &["/"]),
        ("{ TargetFilename|fieldref: Image }", &["/"]),
        ("{ TargetFilename|re: ^/a }", &["/"]),
        ("{ TargetFilename|exists: true }", &["/"]),
        ("{ TargetFilename: [/a, null] }", &["/"]),
        ("[/a, /b]", &["/"]),
        ("{ '|all': [/a, /b] }", &["/"]),
        ("{ '@timestamp|hour': 3 }", &["/"]),
        ("[{ TargetFilename: /a }, /b]", &["/"]),
        // Beside a test with a path they make it no wider.
        ("{ TargetFilename: /a, file.target|neq: /b, '|contains': c, '@timestamp|hour|gte': 22 }", &["/a"]),
        ("{ TargetFilename|startswith|expand: /a/b }", &["/a"]),
        // A slash in front of a word is one of the dashes.
        ("{ TargetFilename|windash|startswith: /a/b }", &["/"]),
    ] {
        assert_eq!(watched(selection), expected, "{selection}");
    }
}
