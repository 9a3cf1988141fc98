//! The line by which an agent asks for a key.

use super::super::version::Version;

/// The fields of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// `OSSEC PASS: `.
    pub password: Option<String>,
    /// `A:`.
    pub name: String,
    /// `V:`, such as `v4.14.7`.
    pub version: Option<String>,
    /// `G:`, in order.
    pub groups: Vec<String>,
    /// `IP:`: an address or `src`.
    pub address: Option<String>,
    /// `K:`: hash of the key that the agent has.
    pub key_hash: Option<String>,
}

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=128;

impl Request {
    /// Takes what is in the line. The fields have a fixed order, and one space before each.
    ///
    /// # Errors
    /// What the manager answers to a line that is none.
    pub(super) fn parse(&mut self, line: &[u8]) -> Result<(), String> {
        let invalid = || "Invalid request for new agent".to_owned();
        let line = str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n')).ok_or_else(invalid)?;
        let mut rest = line;
        if let Some(after) = rest.strip_prefix("OSSEC PASS: ") {
            let (password, after) = after.split_once(" OSSEC A:'").ok_or_else(invalid)?;
            self.password = Some(password.to_owned());
            rest = after;
        } else {
            rest = rest.strip_prefix("OSSEC A:'").ok_or_else(invalid)?;
        }
        let (name, mut rest) = rest.split_once('\'').ok_or_else(invalid)?;
        name.clone_into(&mut self.name);
        if !is_name(name) {
            return Err(format!("Invalid agent name: {name}"));
        }
        self.version = field(&mut rest, " V:'", "version")?;
        let groups = field(&mut rest, " G:'", "group")?;
        self.groups = groups.iter().flat_map(|groups| groups.split(',')).map(str::to_owned).collect();
        self.address = field(&mut rest, " IP:'", "IP")?;
        self.key_hash = field(&mut rest, " K:'", "key")?;
        let is_hash = |text: &String| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_version = |text: &String| Version::parse(text).is_some();
        let is_right = rest.is_empty()
            && self.version.as_ref().is_none_or(is_version)
            && self.key_hash.as_ref().is_none_or(is_hash);
        if is_right { Ok(()) } else { Err(invalid()) }
    }
}

/// What stands in quotes behind the mark, if the mark is next.
fn field(rest: &mut &str, mark: &str, name: &str) -> Result<Option<String>, String> {
    let Some(after) = rest.strip_prefix(mark) else { return Ok(None) };
    let (value, after) = after.split_once('\'').ok_or_else(|| format!("Unterminated {name} field"))?;
    *rest = after;
    Ok(Some(value.to_owned()))
}

fn is_name(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    NAME_LENGTH.contains(&name.len()) && name.bytes().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_whole_request_is_understood() {
        let mut request = Request::default();
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let line = format!("OSSEC PASS: a b OSSEC A:'node-1' V:'v4.3.0' G:'a,b' IP:'src' K:'{hash}'\n");
        request.parse(line.as_bytes()).unwrap();
        let expected = Request {
            password: Some("a b".to_owned()),
            name: "node-1".to_owned(),
            version: Some("v4.3.0".to_owned()),
            groups: vec!["a".to_owned(), "b".to_owned()],
            address: Some("src".to_owned()),
            key_hash: Some(hash.to_owned()),
        };
        assert_eq!(request, expected);
    }

    #[test]
    fn a_name_is_enough() {
        Request::default().parse(b"OSSEC A:'node1'\n").unwrap();
    }

    #[test]
    fn what_is_wrong_is_answered_with_its_error() {
        for (line, error) in [
            ("", "Invalid request for new agent"),
            ("OSSEC A:'node1'", "Invalid request for new agent"),
            ("OSSEC A:'node1\n", "Invalid request for new agent"),
            ("OSSEC A:'node1' V:'4.3.0'\n", "Invalid request for new agent"),
            ("OSSEC A:'node1' G:'a' V:'v4.3.0'\n", "Invalid request for new agent"),
            ("OSSEC A:'node1'  V:'v4.3.0'\n", "Invalid request for new agent"),
            ("OSSEC A:'node1' K:'short'\n", "Invalid request for new agent"),
            ("OSSEC PASS: x\n", "Invalid request for new agent"),
            ("OSSEC A:'n'\n", "Invalid agent name: n"),
            ("OSSEC A:'a b'\n", "Invalid agent name: a b"),
            ("OSSEC A:'node1' V:'v4.3.0\n", "Unterminated version field"),
            ("OSSEC A:'node1' G:'a\n", "Unterminated group field"),
            ("OSSEC A:'node1' IP:'a\n", "Unterminated IP field"),
            ("OSSEC A:'node1' K:'a\n", "Unterminated key field"),
        ] {
            assert_eq!(Request::default().parse(line.as_bytes()).unwrap_err(), error, "{line}");
        }
    }
}
