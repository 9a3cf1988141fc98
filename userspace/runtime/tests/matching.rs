//! What a field test means: one row, one meaning.

#![forbid(unsafe_code)]
#![expect(clippy::panic, clippy::indexing_slicing, reason = "what a test needs is there, or the test fails")]

use proptest::prelude::*;
use rampart_model::{Category, Field, Record, Timestamp, Value};
use rampart_policy::{Case, Catalogue, Mode, Pattern, parse_rules};
use rampart_runtime::{Engine, TextMatcher};

fn fires(selection: &str, event: &[(Field, Value<'static>)]) -> bool {
    let rule = format!(
        "title: T\nid: 6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11\ndescription: D\nlevel: low\n\
         logsource: {{ product: linux, category: network_connection }}\n\
         detection:\n  a:\n    {}\n  condition: a\n",
        selection.replace('\n', "\n    ")
    );
    let rules = parse_rules("x.yml", rule.as_bytes(), &Catalogue::default(), Mode::Lenient);
    let rules = rules.unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(rules.len(), 1, "{selection}");
    let mut record = Record::new(Category::NetworkConnection, Timestamp::EPOCH);
    for (field, value) in event {
        record.set(*field, value.clone());
    }
    !Engine::compile(&rules.into_iter().collect()).evaluate(&record).is_empty()
}

#[test]
fn text() {
    for (selection, image, expected) in [
        ("Image: /bin/sh", "/bin/sh", true),
        ("Image: /BIN/sh", "/bin/SH", true),
        ("Image: /bin/sh", "/bin/sh2", false),
        ("Image|cased: /bin/SH", "/bin/sh", false),
        ("Image|cased: /bin/sh", "/bin/sh", true),
        ("Image: /bin/*", "/bin/sh", true),
        ("Image: /bin/?h", "/bin/sh", true),
        ("Image: /bin/?h", "/bin/h", false),
        ("Image: '*sh*'", "sh", true),
        (r"Image: a\*b", "a*b", true),
        (r"Image: a\*b", "axb", false),
        (r"Image: a\?b", "axb", false),
        (r"Image: a\\*b", r"a\xb", true),
        (r"Image: a\nb", r"a\nb", true),
        ("Image: ''", "", true),
        ("Image: ''", "x", false),
        ("Image|contains: BIN", "/usr/bin/x", true),
        ("Image|contains: bin/?h", "/usr/bin/sh", true),
        ("Image|contains: bins", "/usr/bin", false),
        ("Image|startswith: /USR", "/usr/bin", true),
        ("Image|startswith: usr", "/usr/bin", false),
        ("Image|endswith: /SH", "/bin/sh", true),
        ("Image|endswith: /sh", "/bin/zsh", false),
        ("Image|endswith: /bin/sh", "sh", false),
        ("Image|contains|all: [a, b]", "xbxa", true),
        ("Image|contains|all: [a, b]", "xbx", false),
        ("Image|contains: [a, b]", "xbx", true),
        ("Image|contains|cased: B", "xbx", false),
        ("Image|re: '^/b.n/sh$'", "/bin/sh", true),
        ("Image|re: 'SH'", "/bin/sh", false),
        ("Image|re|i: 'SH'", "/bin/sh", true),
        ("Image: Straße", "STRAßE", true),
        ("Image: ÄÖ*", "äöü", true),
        ("Image|contains: ö", "ÄÖÜ", true),
        ("Image: kelvin", "\u{212a}elvin", false),
        ("Image: null", "x", false),
        ("Image|exists: true", "x", true),
        ("Image|exists: false", "x", false),
        ("Image: [a, null]", "b", false),
        ("Image: 1.10", "1.10", true),
        ("Image: 007", "007", true),
        ("Image: no", "no", true),
        ("- Image: a\n- Image: b", "b", true),
        ("Image: a\nImage|contains: b", "a", false),
    ] {
        assert_eq!(fires(selection, &[(Field::Image, image.into())]), expected, "{selection} on {image}");
    }
}

#[test]
fn nothing_and_other_types() {
    let port = |number| (Field::DestinationPort, Value::Number(number));
    let ip = |text: &str| (Field::DestinationIp, Value::Ip(text.parse().unwrap()));
    for (selection, event, expected) in [
        ("Image: null", vec![], true),
        ("Image|exists: false", vec![], true),
        ("Image|exists: true", vec![], false),
        ("Image: [a, null]", vec![], true),
        ("Image: '*'", vec![], false),
        ("DestinationPort: 443", vec![port(443)], true),
        ("DestinationPort: '443'", vec![port(443)], true),
        ("DestinationPort: [1, 2]", vec![port(3)], false),
        ("DestinationPort|gt: 443", vec![port(443)], false),
        ("DestinationPort|gte: 443", vec![port(443)], true),
        ("DestinationPort|lt: 443", vec![port(442)], true),
        ("DestinationPort|lte: 443", vec![port(444)], false),
        ("DestinationPort: null", vec![port(1)], false),
        ("DestinationIp: '::1'", vec![ip("0:0::1")], true),
        ("DestinationIp: 10.0.0.1", vec![ip("10.0.0.2")], false),
        ("DestinationIp: 10.*", vec![ip("10.0.0.2")], true),
        ("DestinationIp|startswith: '10.'", vec![ip("100.0.0.2")], false),
        ("DestinationIp|cidr: [192.168.0.0/16, 'fd00::/8']", vec![ip("fd12::1")], true),
        ("DestinationIp|cidr: 192.168.0.0/16", vec![ip("192.169.0.1")], false),
        ("Initiated: true", vec![(Field::Initiated, Value::Bool(true))], true),
        ("Initiated: 'false'", vec![(Field::Initiated, Value::Bool(true))], false),
    ] {
        assert_eq!(fires(selection, &event), expected, "{selection}");
    }
}

/// By the definition, as slow as that is.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|cut| naive(rest, &text[cut..])),
        ['\\', literal @ ('*' | '?' | '\\'), rest @ ..] => {
            text.first() == Some(literal) && naive(rest, &text[1..])
        }
        ['?', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
        [literal, rest @ ..] => text.first() == Some(literal) && naive(rest, &text[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn wildcards_match_by_their_definition(pattern in r"[abä*?\\]{0,8}", text in r"[abä*\\]{0,8}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let matcher = TextMatcher::new(&Pattern::parse(&pattern), Case::Kept);
        prop_assert_eq!(matcher.matches(&text), naive(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn case_is_ignored_on_both_sides(pattern in "[aBÄö*?]{0,8}", text in "[AbäÖ]{0,8}") {
        let ignored = TextMatcher::new(&Pattern::parse(&pattern), Case::Ignored);
        let kept = TextMatcher::new(&Pattern::parse(&pattern.to_lowercase()), Case::Kept);
        prop_assert_eq!(ignored.matches(&text), kept.matches(&text.to_lowercase()));
    }
}
