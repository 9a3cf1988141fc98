//! Any finding makes a message that a manager takes: one line of JSON that is not too long.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::sync::Arc;

use proptest::prelude::*;
use rampart_bus::Encode as _;
use rampart_model::{
    Action, Assessment, CheckDetail, CheckResult, Container, Context, Correlated, Event, EventKind,
    FileChange, Finding, GroupValue, Health, Pod, Process, RuleRef, Subject, Timestamp,
};
use rampart_sinks::wazuh::{MESSAGE_BYTES, WazuhEncoder};
use rampart_testkit::sample;
use serde_json::Value as Json;

/// A message that keeps all promises; its JSON.
fn sound(finding: &Finding, prefix: &str) -> Json {
    let message = WazuhEncoder.encode(finding).unwrap();
    assert!(message.len() <= MESSAGE_BYTES, "{} bytes", message.len());
    assert!(!message.iter().any(u8::is_ascii_control), "it is one line");
    let text = std::str::from_utf8(&message).unwrap();
    serde_json::from_str(text.strip_prefix(prefix).unwrap()).unwrap()
}

fn sound_event(finding: &Finding) -> Json {
    let message = WazuhEncoder.encode(finding).unwrap();
    assert!(message.starts_with(br#"1:rampart:{"rampart""#));
    let json = sound(finding, "1:rampart:");
    let schema = json.pointer("/rampart/schema").and_then(Json::as_str);
    assert_eq!(schema, Some(rampart_model::SCHEMA_VERSION), "rules of managers begin with it");
    json
}

/// Texts of all characters, of which some are long.
fn texts() -> impl Strategy<Value = Box<str>> {
    let short = any::<String>();
    let pieces = prop_oneof![
        Just("x".to_owned()),
        Just("\u{1}\"\n".to_owned()),
        Just("𝄞ä".to_owned()),
        any::<String>()
    ];
    let long = (pieces, 1_usize..40_000).prop_map(|(piece, bytes)| {
        let times = bytes / piece.len().max(1);
        piece.repeat(times)
    });
    prop_oneof![4 => short, 1 => long].prop_map(String::into_boxed_str)
}

fn lists() -> impl Strategy<Value = Vec<Box<str>>> {
    prop_oneof![
        4 => proptest::collection::vec(texts(), 0..4),
        1 => (texts(), 0_usize..3000).prop_map(|(text, count)| {
            vec![text.chars().take(20).collect::<String>().into_boxed_str(); count]
        }),
    ]
}

fn processes() -> impl Strategy<Value = Process> {
    (texts(), texts(), lists(), texts(), proptest::option::of(texts())).prop_map(
        |(name, executable, args, cgroup, pod)| {
            let container = pod.map(|pod| {
                let named = Pod { name: Some(Arc::from(&*pod)), ..Pod::default() };
                Arc::new(Container { id: pod.into(), pod: Some(named), ..Container::default() })
            });
            Process {
                name: (*name).into(),
                executable: (*executable).into(),
                args: args.iter().map(|arg| &**arg).collect(),
                cgroup: (*cgroup).into(),
                container,
                ..sample::process()
            }
        },
    )
}

fn runtime() -> impl Strategy<Value = Finding> {
    let ancestry = proptest::collection::vec(processes(), 1..6);
    (ancestry, 0_usize..20, texts(), texts(), lists()).prop_map(|(ancestry, extra, title, node, group)| {
        let mut parent = None;
        for process in ancestry.iter().cycle().take(ancestry.len() + extra) {
            parent = Some(Arc::new(Process { parent, ..process.clone() }));
        }
        let event = Event { process: parent.unwrap(), ..sample::event(EventKind::Exec) };
        let description = Arc::from(&*node);
        let rule = RuleRef { title: title.into(), description, ..sample::rule() };
        let value = |(name, value): (usize, Box<str>)| GroupValue {
            name: format!("{name}{value}").into(),
            value: Some(value),
        };
        let correlation = Correlated {
            group: group.into_iter().enumerate().map(value).collect(),
            matches: 3,
            measured: "3 events".into(),
            first: Timestamp::EPOCH,
        };
        let context = Context { correlation: Some(Arc::new(correlation)), ..Context::default() };
        let subject = Subject::Runtime { event: Arc::new(event), rule: Arc::new(rule), context };
        Finding { node: node.into(), subject, ..sample::finding() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_fits(finding in runtime()) {
        sound_event(&finding);
    }

    #[test]
    fn any_health_fits(error in texts(), node in texts()) {
        let subject = Subject::Health(Health::RuleRefused { error: error.into() });
        sound_event(&Finding { node: node.into(), subject, ..sample::finding() });
    }

    #[test]
    fn any_check_fits(all in lists(), title in texts(), result in 0..3) {
        let all: Vec<Arc<str>> = all.iter().map(|text| Arc::from(&**text)).collect();
        let mut detail = CheckDetail::clone(&sample::check_change().detail);
        detail.description = all.first().cloned();
        detail.compliance = all.iter().map(|key| (Arc::clone(key), all.iter().take(3).cloned().collect())).collect();
        detail.rules.clone_from(&all);
        detail.looked_at.commands.clone_from(&all);
        detail.references = all;
        let mut change = sample::check_change();
        change.result = [CheckResult::Passed, CheckResult::Failed, CheckResult::NotApplicable][usize::try_from(result).unwrap()];
        change.because = Arc::from(&*title);
        change.title = title.into();
        change.detail = Arc::new(detail);
        let (id, key) = (change.check, if change.result == CheckResult::NotApplicable { "status" } else { "result" });
        let subject = Subject::Assessment(Box::new(Assessment::Changed(change)));
        let json = sound(&sample::finding_of(subject), "p:sca:");
        // What a manager refuses a result without.
        for pointer in ["/id", "/policy", "/policy_id", "/check/title"] {
            prop_assert!(json.pointer(pointer).is_some(), "{}", pointer);
        }
        prop_assert_eq!(json.pointer("/check/id").unwrap(), id);
        prop_assert!(json["check"].get(key).is_some());
    }

    #[test]
    fn any_file_change_fits(path in texts(), process in processes(), tags in lists()) {
        let tags = tags.iter().map(|tag| Arc::from(&**tag)).collect();
        let change = FileChange { path, tags, author: Some(Arc::new(process)), ..sample::file_change() };
        let json = sound(&sample::finding_of(Subject::File(Box::new(change))), "8:syscheck:");
        prop_assert_eq!(&json["data"]["attributes"]["size"], 1542);
    }
}

#[test]
fn what_is_cut_is_said() {
    let mut process = sample::process();
    process.args = ["x".repeat(200_000).as_str()].into_iter().collect();
    let event = Event { process: Arc::new(process), ..sample::event(EventKind::Exec) };
    assert!(matches!(event.action, Action::Exec));
    let (rule, context) = (Arc::new(sample::rule()), Context::default());
    let json = sound_event(&sample::finding_of(Subject::Runtime { event: Arc::new(event), rule, context }));
    assert_eq!(json.pointer("/rampart/truncated").unwrap(), true);
    let argument = json.pointer("/rampart/process/args/0").and_then(Json::as_str).unwrap();
    assert_eq!((argument.len(), argument.ends_with('…')), (4096, true));
    assert_eq!(json.pointer("/rampart/threat/technique/id/0").unwrap(), "T1496");
    assert_eq!(json.pointer("/rampart/process/pid").unwrap(), 41);
}

/// Maps have no end that could be cut: of these all is left out but what matters.
#[test]
fn at_last_only_what_matters_is_left() {
    let many = || (0..9000).map(|number| Arc::<str>::from(format!("name {number}")));
    let group = many().map(|name| GroupValue { name, value: None }).collect();
    let first = Timestamp::EPOCH;
    let correlation = Correlated { group, matches: 3, measured: "3 events".into(), first };
    let context = Context { correlation: Some(Arc::new(correlation)), ..Context::default() };
    let (event, rule) = (Arc::new(sample::event(EventKind::Exec)), Arc::new(sample::rule()));
    let json = sound_event(&sample::finding_of(Subject::Runtime { event, rule, context }));
    let names: Vec<_> = json["rampart"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["@timestamp", "ecs", "event", "host", "message", "rule", "schema", "severity", "truncated"];
    assert_eq!(names, expected);

    let mut change = sample::check_change();
    let compliance = many().map(|key| (key, Vec::new())).collect();
    change.detail = Arc::new(CheckDetail { compliance, ..CheckDetail::clone(&change.detail) });
    let subject = Subject::Assessment(Box::new(Assessment::Changed(change)));
    let json = sound(&sample::finding_of(subject), "p:sca:");
    let names: Vec<_> = json["check"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["condition", "id", "result", "rules", "title"]);
}
