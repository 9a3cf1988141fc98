//! The files that rules look at, as they are watched for them.

#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "what a test needs is there, or the test fails")]

use proptest::prelude::*;
use rampart_model::{
    Action, Category, EventKind, FileCall, FileOperation, OpenFlags, Operation, WatchEntry, WatchPattern,
};
use rampart_policy::{Catalogue, Mode, RuleSet, parse_rules};
use rampart_runtime::Engine;
use rampart_testkit::sample;

fn rules(category: &str, detection: &str) -> RuleSet {
    let rule = format!(
        "title: T\nid: 6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11\ndescription: D\nlevel: low\n\
         logsource: {{ product: linux, category: {category} }}\ndetection: {detection}\n"
    );
    let rules = parse_rules("x.yml", rule.as_bytes(), &Catalogue::default(), Mode::Lenient);
    rules.unwrap_or_else(|problems| panic!("{detection}: {problems:?}")).into_iter().collect()
}

fn shown(entries: &[WatchEntry]) -> Vec<String> {
    let show = |entry: &WatchEntry| match &entry.what {
        WatchPattern::Below(path) => path.to_string(),
        WatchPattern::Named(name) => format!("**/{name}"),
        WatchPattern::SetUid => "+s".to_owned(),
    };
    entries.iter().map(show).collect()
}

#[test]
fn rules_say_which_files_they_look_at() {
    for (detection, expected) in [
        ("{ a: { TargetFilename: /etc/shadow }, condition: a }", &["/etc/shadow"][..]),
        ("{ a: { TargetFilename|startswith: /etc/cron }, condition: a }", &["/etc"]),
        ("{ a: { TargetFilename|startswith: [/etc/, /root/] }, condition: a }", &["/etc", "/root"]),
        ("{ a: { TargetFilename|endswith: /.ssh/id_rsa }, condition: a }", &["**/id_rsa"]),
        ("{ a: { TargetFilename|endswith: rsa }, condition: a }", &["/"]),
        ("{ a: { TargetFilename|endswith: [rsa, /x] }, condition: a }", &["/"]),
        ("{ a: { TargetFilename|contains: /etc/ }, condition: a }", &["/"]),
        ("{ a: { file.target: /dev/null }, condition: a }", &["/dev/null"]),
        ("{ a: { Image: /bin/sh }, condition: a }", &["/"]),
        ("{ a: { TargetFilename: /a }, b: { TargetFilename: /b }, condition: a or b }", &["/a", "/b"]),
        ("{ a: { TargetFilename: /a }, b: { Image: /b }, condition: a and b }", &["/a"]),
        ("{ a: { TargetFilename: /a }, b: { Image: /b }, condition: a or b }", &["/"]),
        ("{ a: { TargetFilename: /a }, b: { Image: /b }, condition: a and not b }", &["/a"]),
        ("{ a: { TargetFilename: /a }, condition: not a }", &["/"]),
    ] {
        assert_eq!(shown(rules("file_event", detection).watch().entries()), expected, "{detection}");
    }
}

/// Of any file, and then no path makes it less.
#[test]
fn rules_on_set_user_id_look_at_modes() {
    for (detection, expected) in [
        ("{ a: { file.setuid: true }, condition: a }", &["+s"][..]),
        ("{ a: { file.setuid: true, TargetFilename|startswith: /tmp/ }, condition: a }", &["+s"]),
        ("{ a: { file.setuid: true }, b: { TargetFilename: /a }, condition: a or b }", &["+s", "/a"]),
        ("{ a: { file.setuid: true }, b: { Image: /b }, condition: a and not b }", &["+s"]),
        ("{ a: { file.setuid: [true, false] }, condition: a }", &["/"]),
        ("{ a: { file.setuid: false }, condition: a }", &["/"]),
        ("{ a: { file.setuid|neq: true }, condition: a }", &["/"]),
        ("{ a: { file.setuid|exists: true }, condition: a }", &["/"]),
        ("{ a: { file.setuid: true }, condition: not a }", &["/"]),
    ] {
        assert_eq!(shown(rules("file_change", detection).watch().entries()), expected, "{detection}");
    }
}

/// Only where no event can match without it.
#[test]
fn rules_that_ask_for_made_files_do_not_look_at_writes() {
    for (detection, only_made) in [
        ("{ a: { TargetFilename: /a, file.created: true }, condition: a }", true),
        ("{ a: { TargetFilename: /a }, b: { file.created: true }, condition: a and b }", true),
        (
            "{ a: [ { TargetFilename: /a, file.created: true }, { file.created: 'true' } ], condition: a }",
            true,
        ),
        ("{ a: { file.created: true }, b: { file.created: true, Image: /b }, condition: a or b }", true),
        ("{ a: { TargetFilename: /a, file.created: true }, b: { Image: /b }, condition: a and not b }", true),
        ("{ a: [ { TargetFilename: /a, file.created: true }, { Image: /b } ], condition: a }", false),
        ("{ a: { file.created: true }, b: { Image: /b }, condition: a or b }", false),
        ("{ a: { TargetFilename: /a, file.created: [true, false] }, condition: a }", false),
        ("{ a: { TargetFilename: /a, file.created: false }, condition: a }", false),
        ("{ a: { TargetFilename: /a, file.created|neq: true }, condition: a }", false),
        ("{ a: { TargetFilename: /a, file.created|exists: true }, condition: a }", false),
        ("{ a: { file.created: true }, condition: not a }", false),
    ] {
        let watch = rules("file_event", detection).watch();
        let seen: Vec<_> = watch.entries().iter().map(|entry| (entry.create, entry.modify)).collect();
        assert!(!seen.is_empty() && seen.iter().all(|seen| *seen == (only_made, !only_made)), "{detection}");
    }
}

#[test]
fn categories_say_whether_reading_or_changing_matters() {
    for category in Category::ALL {
        let watch = rules(category.name(), "{ a: { Image: /x }, condition: a }").watch();
        let seen = watch.entries().first().map(|entry| (entry.read, entry.modify));
        let expected = match category {
            Category::FileAccess => Some((true, false)),
            category if category.kind() == EventKind::File => Some((false, true)),
            _ => None,
        };
        assert_eq!(seen, expected, "{category}");
    }
}

/// Connections to unix sockets are only seen at the paths that are watched.
#[test]
fn socket_rules_see_the_sockets_that_they_name() {
    for (detection, expected) in [
        ("{ a: { socket.path: /run/docker.sock }, condition: a }", &["/run/docker.sock"][..]),
        ("{ a: { socket.path|endswith: /docker.sock }, condition: a }", &["**/docker.sock"]),
        ("{ a: { event.operation: listen }, condition: a }", &[]),
        ("{ a: { socket.path|contains: docker }, condition: a }", &["/"]),
        ("{ a: [ { socket.path: /x }, { DestinationPort: 2375 } ], condition: a }", &["/"]),
        ("{ a: { socket.family: unix }, b: { socket.path: /x }, condition: a and not b }", &["/"]),
    ] {
        assert_eq!(shown(rules("network_socket", detection).watch().entries()), expected, "{detection}");
    }
}

fn test() -> impl Strategy<Value = String> {
    let modifier = prop::sample::select(vec!["", "|contains", "|startswith", "|endswith", "|contains|all"]);
    let value =
        prop_oneof![4 => "(/[ab]){1,2}/?", 2 => "(/[ab]){1,2}[*?]", 2 => "[*?](/[ab])", 1 => "/?[ab*?]{1,3}"];
    let values = prop::collection::vec(value, 1..3);
    let field = prop::sample::select(vec!["TargetFilename", "file.target"]);
    let mark = prop::sample::select(vec!["file.created", "file.setuid"]);
    let marks = (mark, prop::sample::select(vec!["true", "false", "[true, false]"]));
    let path = (field, modifier, values).prop_map(|(field, modifier, values)| {
        let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
        // A single value cannot be quantified.
        let modifier = if values.len() == 1 { modifier.trim_end_matches("|all") } else { modifier };
        format!("{field}{modifier}: [{}]", values.join(", "))
    });
    let marked =
        (path.clone(), marks.clone()).prop_map(|(path, (mark, value))| format!("{path}, {mark}: {value}"));
    prop_oneof![4 => path, 2 => marked, 1 => marks.prop_map(|(mark, value)| format!("{mark}: {value}"))]
}

/// One of each kind that the kernel tells apart.
fn operations(to: &str, mode: u16) -> [FileOperation; 7] {
    let flags = OpenFlags(0o101);
    [
        FileOperation::Unlink,
        FileOperation::Rename { to: to.into() },
        FileOperation::Open(OpenFlags(0)),
        FileOperation::Write(flags),
        FileOperation::Create { flags, mode },
        FileOperation::Link { existing: to.into() },
        FileOperation::Chmod { mode },
    ]
}

/// Each names both selections.
const CONDITIONS: &[&str] =
    &["a or b", "a and b", "a and not b", "not a or b", "not a and not b", "not (a and b)", "1 of them"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// Whatever a rule would fire on is watched for it.
    #[test]
    fn no_match_is_left_unwatched(
        tests in prop::array::uniform3(test()),
        condition in prop::sample::select(CONDITIONS),
        path in "(/[ab]){1,3}",
        to in "(/[ab]){1,3}",
        mode in prop::sample::select(vec![0o644, 0o2755, 0o4755]),
        operation: prop::sample::Index,
    ) {
        let [first, second, third] = &tests;
        let detection =
            format!("{{ a: [ {{ {first} }}, {{ {second}, Image: /tmp/xmrig }} ], b: {{ {third} }}, condition: {condition} }}");
        let operations = operations(&to, mode);
        let operation = operations[operation.index(operations.len())].clone();
        let rules = rules(operation.category().name(), &detection);
        let mut event = sample::event(EventKind::File);
        let call = FileCall { path: path.into(), operation };
        if let Action::Call(outer) = &mut event.action {
            outer.operation = Operation::File(call.clone());
        }
        if !Engine::compile(&rules).evaluate(&event).is_empty() {
            prop_assert!(rules.watch().wants_file(&call), "{detection} {call:?} {:?}", rules.watch());
        }
    }
}
