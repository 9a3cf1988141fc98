use rampart_bus::Encode;
use rampart_model::{Finding, Severity};
use serde::Deserialize;
use serde_json::Value;

use super::{MESSAGE_BYTES, shorten::json_within};

/// The byte order of RFC 5424's fields and their longest forms, in bytes.
const HOSTNAME: usize = 255;
const MSGID: usize = 32;

/// Longest value of a piece of structured data, in characters.
const VALUE: usize = 256;

/// The name of our structured data. The number is the one that is kept for examples: rampart has none of its own.
const DATA: &str = "rampart@32473";

/// What structured data has of a finding: a name, and where in its JSON it is.
const FIELDS: [(&str, &str); 9] = [
    ("id", "/event/id"),
    ("severity", "/rampart/severity"),
    ("rule", "/rule/id"),
    ("technique", "/threat/technique/id/0"),
    ("namespace", "/orchestrator/namespace"),
    ("pod", "/orchestrator/resource/name"),
    ("container", "/container/id"),
    ("process", "/process/executable"),
    ("completeness", "/rampart/completeness"),
];

/// Under which facility messages are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are syslog's")]
pub enum Facility {
    User,
    Daemon,
    Auth,
    Authpriv,
    #[default]
    Local0,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

impl Facility {
    const fn number(self) -> u8 {
        match self {
            Self::User => 1,
            Self::Daemon => 3,
            Self::Auth => 4,
            Self::Authpriv => 10,
            Self::Local0 => 16,
            Self::Local1 => 17,
            Self::Local2 => 18,
            Self::Local3 => 19,
            Self::Local4 => 20,
            Self::Local5 => 21,
            Self::Local6 => 22,
            Self::Local7 => 23,
        }
    }
}

/// A finding as a message of RFC 5424: what routes and filters ask for in its head, and all of it as JSON in its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rfc5424 {
    /// Under which it is sent.
    pub facility: Facility,
}

impl Encode for Rfc5424 {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        let json = finding.to_json();
        let priority = self.facility.number() * 8 + level(finding.severity());
        let action = json.pointer("/event/action").and_then(Value::as_str).unwrap_or_default();
        let head = format!(
            "<{priority}>1 {} {} rampart - {} ",
            timestamp(&finding.time.to_string()),
            name(&finding.node, HOSTNAME),
            name(action, MSGID),
        );
        // The longest that it can be: with the word that says that it was cut.
        let data = data(&json, true);
        let room = MESSAGE_BYTES.saturating_sub(head.len() + data.len() + 1);
        let (body, is_cut) = json_within(room, json.clone()).unwrap_or_default();
        let data = if is_cut || body.is_empty() { data } else { self::data(&json, false) };
        Some([head.as_bytes(), data.as_bytes(), b" ", &body].concat().into())
    }
}

/// RFC 5424 has eight levels; the worst two are for machines that are down.
const fn level(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 2,
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Informational => 6,
    }
}

/// Of nanoseconds, RFC 5424 takes microseconds.
fn timestamp(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, fraction)) => {
            let digits: String = fraction.chars().filter(char::is_ascii_digit).take(6).collect();
            format!("{seconds}.{digits}Z")
        }
        None => time.to_owned(),
    }
}

/// Printable ASCII without spaces, or the sign for nothing.
fn name(text: &str, longest: usize) -> String {
    let letter = |letter: char| if letter.is_ascii_graphic() { letter } else { '_' };
    let name: String = text.chars().take(longest).map(letter).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

fn data(json: &Value, is_cut: bool) -> String {
    let mut data = format!("[{DATA}");
    for (name, pointer) in FIELDS {
        if let Some(text) = json.pointer(pointer).and_then(Value::as_str) {
            data.extend([" ", name, "=\"", &value(text), "\""]);
        }
    }
    if is_cut {
        data.push_str(" cut=\"true\"");
    }
    data.push(']');
    data
}

/// Three characters are escaped; control characters, which a server need not take, are not there.
fn value(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().take(VALUE) {
        match letter {
            '"' | '\\' | ']' => out.extend(['\\', letter]),
            _ if letter.is_control() => out.push('?'),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rampart_model::{Completeness, Context, EventKind, RuleRef, Subject};
    use rampart_testkit::sample;

    use super::*;

    fn message(finding: &Finding) -> String {
        let body = Rfc5424 { facility: Facility::default() }.encode(finding).unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    /// A finding on a process with that argument.
    fn finding(argument: &str) -> Finding {
        let mut event = sample::event(EventKind::Exec);
        let args = ["xmrig", argument].into_iter().collect();
        event.process = Arc::new(rampart_model::Process { args, ..sample::script() });
        let rule = Arc::new(RuleRef { severity: Severity::Medium, ..sample::rule() });
        let subject = Subject::Runtime { event: Arc::new(event), rule, context: Context::default() };
        Finding { subject, node: "node 1".into(), ..sample::finding() }
    }

    #[test]
    fn a_message_has_the_head_of_rfc_5424_and_a_body_of_json() {
        let finding = finding("ü");
        let message = message(&finding);
        let (head, body) = message.split_at(message.find('{').unwrap());
        assert_eq!(
            head,
            format!(
                "<132>1 2026-01-02T03:04:05.000000Z node_1 rampart - process_creation [rampart@32473 id=\"{}\" \
                 severity=\"medium\" rule=\"11111111-2222-4333-8444-555555555555\" technique=\"T1496\" \
                 namespace=\"shop\" pod=\"backup-0\" container=\"beef\" process=\"/bin/bash\"] ",
                finding.id
            )
        );
        assert!(body.is_ascii());
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), finding.to_json());
    }

    #[test]
    fn a_finding_that_is_told_again_says_so_in_its_head() {
        let message = message(&sample::finding_known(Completeness::Completed));
        let (head, _) = message.split_at(message.find('{').unwrap());
        assert!(head.ends_with(" completeness=\"completed\"] "), "{head}");
    }

    #[test]
    fn a_finding_that_is_too_long_is_cut_and_says_so() {
        let finding = finding(&"\u{1f512}\x07".repeat(100_000));
        let message = message(&finding);
        assert!(message.len() <= MESSAGE_BYTES, "{}", message.len());
        let (head, body) = message.split_at(message.find('{').unwrap());
        assert!(head.ends_with(" cut=\"true\"] "), "{head}");
        let json: Value = serde_json::from_str(body).unwrap();
        assert_eq!(json.pointer("/event/id"), finding.to_json().pointer("/event/id"));
    }

    #[test]
    fn values_and_names_are_what_the_grammar_allows() {
        for (text, expected) in [(r#"a"b\c]d"#, r#"a\"b\\c\]d"#), ("a\nb\x7f", "a?b?"), ("ü", "ü")] {
            assert_eq!(value(text), expected);
        }
        assert_eq!(value(&"x".repeat(300)).len(), VALUE);
        for (text, expected) in [("", "-"), ("check_failed", "check_failed"), ("a b\nü", "a_b__")] {
            assert_eq!(name(text, MSGID), expected);
        }
        assert_eq!(name(&"x".repeat(300), MSGID).len(), MSGID);
    }
}
