//! Names of files: what `d:` rules ask for.

#![forbid(unsafe_code)]

use rampart_pattern::{MAX_LENGTH, NamePattern};

#[test]
fn names_match_by_osregex_or_by_a_list_of_texts() {
    for (pattern, name, expected) in [
        (r"r:\.conf$", "sysctl.conf", true),
        (r"r:\.conf$", "sysctl.conf.old", false),
        (r"R:^\d\d-", "10-net", true),
        // What the osregex does not match is tried as a list, `r:` included.
        ("r:^x|conf", "sysctl.conf", true),
        ("r:a(b", "xr:a(b", true),
        ("r:a(b", "a(b", false),
        ("^ab|c$", "xxC", true),
        ("^ab|c$", "xabx", false),
        ("^ab|c$", "ABx", true),
        ("!foo", "bar", true),
        ("!foo", "xFoo", false),
        ("!foo|bar", "bar", false),
        ("^passwd$", "passwd", true),
        ("^passwd$", "passwd-", false),
        (".conf", "a.conf.d", true),
        (".conf", "aconf", false),
        ("longer than the name", "name", false),
        ("", "any", true),
    ] {
        assert_eq!(
            NamePattern::new(pattern).unwrap().is_match(name.as_bytes()),
            expected,
            "{pattern} on {name}"
        );
    }
}

#[test]
fn a_faulty_osregex_is_told_and_matches_nothing() {
    let pattern = NamePattern::new(r"r:\.conf\-x").unwrap();
    assert!(pattern.fault().is_some());
    assert!(!pattern.is_match(b"a.conf-x"));
    assert_eq!(NamePattern::new(r"r:\.conf").unwrap().fault(), None);
    NamePattern::new(&"a".repeat(MAX_LENGTH + 1)).unwrap_err();
}
