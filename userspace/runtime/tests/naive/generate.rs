//! Rules and events that have much in common.

use proptest::{prelude::*, sample::select};
use rampart_model::{Category, Field, Record, Texts, Timestamp, Value};

const TEXT_FIELDS: [&str; 4] = ["Image", "CommandLine", "ParentImage", "process.ancestors.executable"];

/// Whatever folding, anchoring and wildcards can go wrong with: long s and the Kelvin sign are letters of ASCII to
/// some, `ß` and `İ` change their length.
const TEXT: &str = r"[abkKsS/ äÄßİ\u{17f}\u{212a}-]{0,6}";

/// Longer than what an index keeps of a text.
const LONG: &str = "[ab/]{28,70}";

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![8 => r"[abkKsS/ äÄ\u{17f}*?\\-]{1,6}", 4 => "[ab/]{1,5}", 1 => LONG]
}

fn expression() -> impl Strategy<Value = &'static str> {
    select(vec![
        "a+b",
        "^/a",
        "(?i)k",
        "s$",
        "a|b",
        "(ab|ba)/",
        "[ab]{2}",
        "a.b",
        "(?:/a){2}",
        "ä",
        "(?i:ak)s*",
        r"\bab",
        "b?a",
        "(?i)ß",
        "kk*",
        "(ab)?/",
    ])
}

fn list(values: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec(values, 1..4).prop_map(|values| format!("[{}]", values.join(", ")))
}

fn quoted(values: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    values.prop_map(|value| format!("'{value}'"))
}

fn text_test() -> impl Strategy<Value = String> {
    let modifiers = select(vec![
        "",
        "|contains",
        "|startswith",
        "|endswith",
        "|cased",
        "|contains|cased",
        "|startswith|cased",
        "|endswith|cased",
        "|neq",
        "|contains|neq",
    ]);
    let by_pattern =
        (modifiers, list(quoted(pattern()))).prop_map(|(modifiers, values)| format!("{modifiers}: {values}"));
    let all = (quoted(pattern()), quoted(pattern())).prop_map(|(a, b)| format!("|contains|all: [{a}, {b}]"));
    let flags = select(vec!["|re", "|re|i", "|re|i|s", "|re|m"]);
    let by_expression = (flags, list(quoted(expression().prop_map(str::to_owned))))
        .prop_map(|(flags, values)| format!("{flags}: {values}"));
    let other = select(vec!["", "|startswith", "|endswith", "|contains", "|cased"])
        .prop_map(|anchor| format!("|fieldref{anchor}: process.name"));
    let rest = select(vec![": null", "|exists: true", "|exists: false", ": ''", ": [a, null]"])
        .prop_map(str::to_owned);
    let test = prop_oneof![8 => by_pattern, 2 => all, 4 => by_expression, 1 => other, 1 => rest];
    (select(&TEXT_FIELDS[..]), test).prop_map(|(field, test)| format!("{field}{test}"))
}

fn value_test() -> impl Strategy<Value = String> {
    select(vec![
        "DestinationPort: 1",
        "DestinationPort: [1, 2]",
        "DestinationPort|gt: 1",
        "DestinationPort|lte: 1",
        "DestinationPort|neq: 1",
        "DestinationPort|contains: '1'",
        "DestinationIp: 10.0.0.1",
        "DestinationIp|cidr: [10.0.0.0/8, 'fd00::/9']",
        "DestinationIp|cidr: 10.0.0.0/31",
        "DestinationIp|startswith: 10.",
        "DestinationIp: '*::1'",
        "Setuid: true",
        "Setuid: false",
        "'@timestamp|hour|gte': 0",
    ])
    .prop_map(str::to_owned)
}

fn selection() -> impl Strategy<Value = String> {
    let test = || prop_oneof![4 => text_test(), 1 => value_test()];
    // The same key twice is no YAML; a list of maps is the other form of a selection.
    let one = test().prop_map(|test| format!("{{ {test} }}"));
    let alternatives = prop::collection::vec(test(), 2..4).prop_map(|tests| {
        format!("[{}]", tests.iter().map(|test| format!("{{ {test} }}")).collect::<Vec<_>>().join(", "))
    });
    let keywords = list(quoted(r"[abkS/ä\u{17f}][ab?*]{0,3}"));
    let both = (text_test(), value_test()).prop_map(|(text, value)| format!("{{ {text}, {value} }}"));
    prop_oneof![6 => one, 3 => alternatives, 3 => both, 1 => keywords]
}

/// A whole `detection`.
pub(crate) fn detection() -> impl Strategy<Value = String> {
    let condition = select(vec![
        "a and b and c",
        "a or b or c",
        "a and (b or not c)",
        "not a and b or c",
        "1 of them",
        "all of them",
        "a and not 1 of b* and c",
        "not (a and b and c)",
        "[a, b and c]",
    ]);
    (selection(), selection(), selection(), condition)
        .prop_map(|(a, b, c, condition)| format!("{{ a: {a}, b: {b}, c: {c}, condition: {condition} }}"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![6 => TEXT, 2 => "[ab/]{0,8}", 1 => LONG]
}

/// An event with some of the fields.
pub(crate) fn event() -> impl Strategy<Value = Record> {
    let texts = prop::collection::vec(prop::option::weighted(0.8, text()), TEXT_FIELDS.len());
    let ancestors = prop::collection::vec(text(), 0..4);
    let port = prop::option::of(0..25_i64);
    let ip = prop::option::of(select(vec!["10.0.0.1", "10.0.0.3", "11.0.0.1", "::1", "fd00::1", "fd80::1"]));
    (texts, ancestors, port, ip, any::<Option<bool>>()).prop_map(|(texts, ancestors, port, ip, setuid)| {
        let mut event = Record::new(Category::NetworkConnection, Timestamp::EPOCH);
        let mut set = |field, value: Option<Value<'static>>| {
            if let Some(value) = value {
                event.set(field, value);
            }
        };
        let fields = [Field::Image, Field::CommandLine, Field::ParentImage, Field::ProcessName];
        for (field, text) in fields.into_iter().zip(texts) {
            set(field, text.map(Value::from));
        }
        let ancestors: Vec<Box<str>> = ancestors.into_iter().map(Box::from).collect();
        let some = !ancestors.is_empty();
        set(Field::AncestorImages, some.then(|| Value::Texts(Texts::List(ancestors.into()))));
        set(Field::DestinationPort, port.map(Value::Number));
        set(Field::DestinationIp, ip.and_then(|ip| ip.parse().ok()).map(Value::Ip));
        set(Field::Setuid, setuid.map(Value::Bool));
        event
    })
}
