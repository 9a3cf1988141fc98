//! The message by which an agent says that it is there, and what it is.

use super::{event::excerpt, version::Version};

/// What a keepalive says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keepalive {
    /// All of it, without `#!-`.
    pub text: String,
    /// The system: `sysname |nodename |release |version |machine [OsName|os_platform: os_version]`.
    pub uname: String,
    /// The agent's version, such as `v4.14.7`.
    pub version: String,
    /// MD5 of the agent's configuration, where it says so.
    pub configuration_sum: Option<String>,
    /// Labels, in order.
    pub labels: Vec<Label>,
    /// MD5 of the shared file that it has; `None` when it has none (`x`).
    pub merged_sum: Option<String>,
    /// Its address.
    pub agent_ip: Option<String>,
}

/// A label of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// Not shown in alerts (`!`).
    pub hidden: bool,
}

const PRODUCT: &str = " - Wazuh ";

impl Keepalive {
    /// Parses what follows `#!-`; what can be made of it is given with what is not as it must be.
    pub(super) fn parse(text: &[u8], faults: &mut Vec<String>) -> Option<Self> {
        let Ok(text) = str::from_utf8(text) else {
            faults.push(format!("a keepalive that is no UTF-8: {}", excerpt(text)));
            return None;
        };
        // What follows the last newline is thrown away by managers.
        let Some((lines, thrown_away)) = text.rsplit_once('\n') else {
            faults.push(format!("a keepalive without a newline: {}", excerpt(text.as_bytes())));
            return None;
        };
        if !thrown_away.is_empty() {
            faults.push(format!(
                "a keepalive's end that managers throw away: {}",
                excerpt(thrown_away.as_bytes())
            ));
        }
        let mut keepalive = Self { text: text.to_owned(), ..Self::default() };
        let mut has_sum = false;
        for (index, line) in lines.split('\n').enumerate() {
            let is_right = if index == 0 {
                keepalive.first_line(line)
            } else if let Some(sum) = line.strip_suffix(" merged.mg") {
                keepalive.merged_sum = (sum != "x").then(|| sum.to_owned());
                !std::mem::replace(&mut has_sum, true) && (sum == "x" || is_sum(sum))
            } else if let Some(address) = line.strip_prefix("#\"_agent_ip\":") {
                keepalive.agent_ip = Some(address.to_owned());
                address.parse::<std::net::IpAddr>().is_ok()
            } else {
                keepalive.label(line)
            };
            if !is_right {
                faults.push(format!("line {} of a keepalive: {}", index + 1, excerpt(line.as_bytes())));
            }
        }
        if !has_sum {
            faults.push(format!("a keepalive that says nothing of merged.mg: {}", excerpt(text.as_bytes())));
        }
        Some(keepalive)
    }

    fn first_line(&mut self, line: &str) -> bool {
        let Some((uname, rest)) = line.rsplit_once(PRODUCT) else { return false };
        let (version, sum) = match rest.split_once(" / ") {
            Some((version, sum)) => (version, Some(sum)),
            None => (rest, None),
        };
        uname.clone_into(&mut self.uname);
        version.clone_into(&mut self.version);
        self.configuration_sum = sum.map(str::to_owned);
        is_uname(uname) && Version::parse(version).is_some() && sum.is_none_or(is_sum)
    }

    fn label(&mut self, line: &str) -> bool {
        let (hidden, rest) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line.strip_prefix('#').unwrap_or(line)),
        };
        let pair = rest.strip_prefix('"').and_then(|rest| rest.split_once("\":"));
        let Some((key, value)) = pair.filter(|(key, _)| !key.is_empty()) else { return false };
        self.labels.push(Label { key: key.to_owned(), value: value.to_owned(), hidden });
        true
    }
}

fn is_uname(uname: &str) -> bool {
    let Some((kernel, system)) = uname.split_once(" [") else { return false };
    let parts: Vec<&str> = kernel.split(" |").collect();
    let names = system.strip_suffix(']').and_then(|system| system.split_once('|'));
    let names = names
        .and_then(|(name, rest)| rest.split_once(": ").map(|(platform, version)| [name, platform, version]));
    let is_said = |part: &&str| !part.is_empty();
    parts.len() == 5 && parts.iter().all(is_said) && names.is_some_and(|names| names.iter().all(is_said))
}

/// MD5 as lower-case hex.
fn is_sum(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::Keepalive;

    const UNAME: &str =
        "Linux |node1 |6.1.0 |#1 SMP |x86_64 [Debian GNU/Linux|debian: 12 (bookworm)] - Wazuh v4.14.7";

    fn faults(text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        Keepalive::parse(text.as_bytes(), &mut faults);
        faults
    }

    #[test]
    fn a_whole_keepalive_is_understood() {
        let sum = "d41d8cd98f00b204e9800998ecf8427e";
        let text = format!(
            "{UNAME} / {sum}\n\"role\":node\n!\"site\":a b\n{sum} merged.mg\n#\"_agent_ip\":10.0.0.1\n"
        );
        let mut faults = Vec::new();
        let keepalive = Keepalive::parse(text.as_bytes(), &mut faults).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(keepalive.version, "v4.14.7");
        assert_eq!(keepalive.merged_sum.as_deref(), Some(sum));
        assert_eq!(keepalive.configuration_sum.as_deref(), Some(sum));
        assert_eq!(keepalive.agent_ip.as_deref(), Some("10.0.0.1"));
        assert_eq!(keepalive.labels.len(), 2);
        assert!(keepalive.labels[1].hidden && keepalive.labels[1].value == "a b");
    }

    #[test]
    fn the_least_that_a_keepalive_can_say_is_enough() {
        assert_eq!(faults(&format!("{UNAME}\nx merged.mg\n")), Vec::<String>::new());
    }

    #[test]
    fn keepalives_that_are_not_as_they_must_be_are_told() {
        for text in [
            UNAME.to_owned(),
            format!("{UNAME}\n"),
            format!("{UNAME}\nx merged.mg\nrest"),
            format!("{UNAME}\nx merged.mg"),
            format!("{UNAME}\nX merged.mg\n"),
            format!("{UNAME}\nx merged.mg\nx merged.mg\n"),
            format!("{UNAME}\nlabel\nx merged.mg\n"),
            format!("{UNAME}\n\nx merged.mg\n"),
            format!("{UNAME}\nx merged.mg\n#\"_agent_ip\":here\n"),
            "Linux |node1 |6.1.0 [a|b: c] - Wazuh v4.14.7\nx merged.mg\n".to_owned(),
            "Linux |a |b |c |d [a|b] - Wazuh v4.14.7\nx merged.mg\n".to_owned(),
            "Linux |a |b |c |d [a|b: c] - Wazuh 4.14.7\nx merged.mg\n".to_owned(),
            "Linux |a |b |c |d [a|b: c]\nx merged.mg\n".to_owned(),
            "\0\n".to_owned(),
        ] {
            assert!(!faults(&text).is_empty(), "{text}");
        }
    }
}
