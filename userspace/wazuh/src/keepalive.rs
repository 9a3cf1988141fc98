use std::net::IpAddr;

use crate::{System, control::HEADER};

/// Most bytes of one value; the rest is cut.
const VALUE_BYTES: usize = 256;

/// Most labels; a keepalive must fit in one message.
const LABELS: usize = 64;

/// What stands for the sum of a file that is not there.
const NO_SUM: &str = "x";

/// What an administrator has given an agent to be known by: each alert of the manager's shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its name: `cluster`, `aws.region`.
    pub key: String,
    /// What it says.
    pub value: String,
    /// Whether alerts leave it out unless they ask for it.
    pub hidden: bool,
}

/// What an agent says of itself at the start and every few seconds, so that the manager knows that it is there.
///
/// Values hold what they like: line breaks and other control characters become spaces; in those of the [`System`] also `|`,
/// `[` and `]` become `/`, `(` and `)`, ` - ` becomes `/`, and dashes at the ends are left out, because managers split the line at them; in labels `"`
/// becomes `'`, and in the names of labels `:` becomes `.`. Of a value the first 256 bytes are sent, and of labels the first 64.
#[derive(Debug, Clone, Copy)]
pub struct Keepalive<'a> {
    /// What the host is.
    pub system: &'a System,
    /// The version that the agent says it has: `v4.14.7`.
    pub version: &'a str,
    /// What it is known by.
    pub labels: &'a [Label],
    /// The MD5 sum, in hexadecimal digits, of the agent's part of the files that the manager hands out; none without one.
    pub config_sum: Option<&'a str>,
    /// The MD5 sum of `merged.mg` as it was received; while that is not the manager's, the manager sends it again and again.
    pub shared_sum: Option<&'a str>,
    /// The address of the agent's host, where it is known.
    pub agent_ip: Option<IpAddr>,
}

impl Keepalive<'_> {
    /// The message as it is sealed.
    #[must_use]
    pub fn to_message(&self) -> Vec<u8> {
        let mut text = self.uname();
        if let Some(sum) = self.config_sum.filter(|sum| is_sum(sum)) {
            text.extend([" / ", sum]);
        }
        text.push('\n');
        for Label { key, value, hidden } in self.labels.iter().take(LABELS) {
            let (key, value) = (clean(key, in_label).replace(':', "."), clean(value, in_label));
            text.extend([if *hidden { "!\"" } else { "\"" }, &key, "\":", &value, "\n"]);
        }
        let sum = self.shared_sum.filter(|sum| is_sum(sum)).unwrap_or(NO_SUM);
        text.extend([sum, " merged.mg\n"]);
        if let Some(address) = self.agent_ip {
            text.extend(["#\"_agent_ip\":", &address.to_string(), "\n"]);
        }
        [HEADER, text.as_bytes()].concat()
    }

    fn uname(&self) -> String {
        let System { sysname, nodename, release, version, machine, os_name, os_platform, os_version } =
            self.system;
        let [sysname, nodename, release, version, machine, os_name, os_platform, os_version] =
            [sysname, nodename, release, version, machine, os_name, os_platform, os_version]
                .map(|field| clean(field, in_system).replace(" - ", "/").trim_matches([' ', '-']).to_owned());
        let agent = clean(self.version, in_system);
        format!(
            "{sysname} |{nodename} |{release} |{version} |{machine} \
             [{os_name}|{os_platform}: {os_version}] - Wazuh {agent}"
        )
    }
}

fn is_sum(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn clean(value: &str, replaced: fn(char) -> char) -> String {
    let start = value.get(..value.floor_char_boundary(VALUE_BYTES)).unwrap_or_default();
    start.chars().map(|letter| if letter.is_control() { ' ' } else { replaced(letter) }).collect()
}

fn in_system(letter: char) -> char {
    match letter {
        '|' => '/',
        '[' => '(',
        ']' => ')',
        other => other,
    }
}

fn in_label(letter: char) -> char {
    if letter == '"' { '\'' } else { letter }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MESSAGE_BYTES;

    const SUM: &str = "900150983cd24fb0d6963f7d28e17f72";

    fn system(version: &str) -> System {
        System {
            sysname: "Linux".into(),
            nodename: "node1".into(),
            release: "6.1.0".into(),
            version: version.into(),
            machine: "x86_64".into(),
            os_name: "Debian GNU/Linux".into(),
            os_platform: "debian".into(),
            os_version: "12 (bookworm)".into(),
        }
    }

    fn label(key: &str, value: &str, hidden: bool) -> Label {
        Label { key: key.into(), value: value.into(), hidden }
    }

    fn plain(system: &System) -> Keepalive<'_> {
        Keepalive {
            system,
            version: "v4.14.7",
            labels: &[],
            config_sum: None,
            shared_sum: None,
            agent_ip: None,
        }
    }

    fn text(keepalive: &Keepalive<'_>) -> String {
        String::from_utf8(keepalive.to_message()).unwrap()
    }

    #[test]
    fn a_keepalive_has_the_stock_layout() {
        let system = system("#1 SMP");
        let line =
            "#!-Linux |node1 |6.1.0 |#1 SMP |x86_64 [Debian GNU/Linux|debian: 12 (bookworm)] - Wazuh v4.14.7";
        assert_eq!(text(&plain(&system)), format!("{line}\nx merged.mg\n"));
        let full = Keepalive {
            labels: &[
                label("cluster", "eu 1", false),
                label("secret", "a\"b\nc:d", true),
                label("a:\"b", "", false),
            ],
            config_sum: Some(SUM),
            shared_sum: Some(SUM),
            agent_ip: Some([10, 0, 0, 7].into()),
            ..plain(&system)
        };
        let labels = "\"cluster\":eu 1\n!\"secret\":a'b c:d\n\"a.'b\":\n";
        let rest = format!("{labels}{SUM} merged.mg\n#\"_agent_ip\":10.0.0.7\n");
        assert_eq!(text(&full), format!("{line} / {SUM}\n{rest}"));
    }

    #[test]
    fn what_is_no_sum_is_not_sent() {
        let system = system("#1");
        let keepalive = Keepalive { config_sum: Some("\n"), shared_sum: Some("a b"), ..plain(&system) };
        assert_eq!(text(&keepalive), text(&plain(&system)));
    }

    #[test]
    fn the_most_labels_fit_in_a_message() {
        let long = "\u{10ffff}".repeat(1000);
        let system = system(&long);
        let labels = vec![label(&long, "short", true); 1000];
        let keepalive = Keepalive { labels: &labels, ..plain(&system) };
        assert!(keepalive.to_message().len() < MESSAGE_BYTES);
        let labels = vec![label("short", &long, true); 1000];
        let keepalive = Keepalive { labels: &labels, ..plain(&system) };
        assert_eq!(text(&keepalive).matches("short").count(), LABELS);
    }

    proptest! {
        #[test]
        fn no_value_adds_a_line_or_a_field(value in ".*|[\\[\\]| :\"\n-]{0,9}", hidden: bool) {
            let system = system(&value);
            let labels = [label(&value, &value, hidden)];
            let text = text(&Keepalive { labels: &labels, ..plain(&system) });
            let (line, rest) = text.split_once('\n').unwrap();
            prop_assert_eq!(text.matches('\n').count(), 3);
            prop_assert_eq!(line.matches('|').count(), 5);
            prop_assert_eq!(line.matches(['[', ']']).count(), 2);
            prop_assert_eq!(line.matches(" - ").count(), 1);
            prop_assert_eq!(rest.matches("\":").count(), 1);
        }
    }
}
