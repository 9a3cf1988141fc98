//! One rule of the manager, as its XML.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

/// The manager cuts the groups of a rule here when it writes an alert, those of the file included: the name that is cut would
/// be another control.
const GROUPS_BYTES: usize = 1_023;

/// Groups of all rules, from the element around them.
pub(super) const COMMON_GROUPS: &str = "rampart,";

/// A rule of the manager.
#[derive(Debug)]
pub(super) struct ManagerRule {
    pub(super) id: u32,
    /// 0 to 16; 0 is never told by itself.
    pub(super) level: u8,
    /// Only of rules that look at several events.
    pub(super) window: Option<Window>,
    pub(super) conditions: Vec<Condition>,
    pub(super) description: String,
    /// Ids of ATT&CK.
    pub(super) techniques: Vec<String>,
    pub(super) groups: Vec<String>,
}

/// So many events in so many seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The one at hand included.
    pub(super) events: u32,
    pub(super) seconds: u32,
}

/// What must hold for a rule to match. Patterns of fields are osregex.
#[derive(Debug)]
pub(super) enum Condition {
    DecodedAs(&'static str),
    /// Where the event says that it comes from: a list of texts as OS_Match reads it.
    Location(&'static str),
    /// That rule has matched.
    IfSid(u32),
    Field {
        name: &'static str,
        pattern: String,
    },
    /// Rules of this group have matched the events before.
    IfMatchedGroup(&'static str),
    SameField(&'static str),
    DifferentField(&'static str),
    /// The events of all agents count together.
    GlobalFrequency,
}

impl ManagerRule {
    /// The element, two spaces in, with a line break at the end.
    pub(super) fn render(&self) -> Result<String> {
        let mut window = String::new();
        if let Some(Window { events, seconds }) = self.window {
            write!(window, " frequency=\"{events}\" timeframe=\"{seconds}\"")?;
        }
        let mut out = format!("  <rule id=\"{}\" level=\"{}\"{window}>\n", self.id, self.level);
        for condition in &self.conditions {
            writeln!(out, "    {}", condition.render()?)?;
        }
        writeln!(out, "    {}", element("description", &self.description)?)?;
        // All of it is in the alert's fields already.
        writeln!(out, "    {}", element("options", "no_full_log")?)?;
        if !self.techniques.is_empty() {
            writeln!(out, "    <mitre>")?;
            for technique in &self.techniques {
                writeln!(out, "      {}", element("id", technique)?)?;
            }
            writeln!(out, "    </mitre>")?;
        }
        if !self.groups.is_empty() {
            let groups = self.groups.join(",") + ",";
            let bytes = COMMON_GROUPS.len() + groups.len();
            ensure!(bytes <= GROUPS_BYTES, "its groups are {bytes} bytes, the manager takes {GROUPS_BYTES}");
            writeln!(out, "    {}", element("group", &groups)?)?;
        }
        out.push_str("  </rule>\n");
        Ok(out)
    }
}

impl Condition {
    fn render(&self) -> Result<String> {
        match self {
            Self::DecodedAs(decoder) => element("decoded_as", decoder),
            Self::Location(pattern) => element("location", pattern),
            Self::IfSid(id) => element("if_sid", &id.to_string()),
            Self::Field { name, pattern } => {
                Ok(format!("<field name=\"{name}\">{}</field>", pattern_text(pattern)?))
            }
            Self::IfMatchedGroup(group) => element("if_matched_group", group),
            Self::SameField(name) => element("same_field", name),
            Self::DifferentField(name) => element("different_field", name),
            Self::GlobalFrequency => Ok("<global_frequency />".to_owned()),
        }
    }
}

fn element(name: &str, text: &str) -> Result<String> {
    ensure!(is_plain(text) && !text.contains('\\'), "the manager cannot read `{text}` in its rules");
    Ok(format!("<{name}>{text}</{name}>"))
}

/// A backslash is a part of the language of patterns.
fn pattern_text(pattern: &str) -> Result<&str> {
    ensure!(is_plain(pattern), "the manager cannot read `{pattern}` in its rules");
    Ok(pattern)
}

/// The manager's reader of XML knows no entities: what would need one cannot be said.
fn is_plain(text: &str) -> bool {
    let is_good = |letter: char| letter == ' ' || letter.is_ascii_graphic() && !"<>&".contains(letter);
    !text.trim().is_empty() && text.chars().all(is_good)
}

#[cfg(test)]
mod tests {
    use super::{COMMON_GROUPS, Condition, GROUPS_BYTES, ManagerRule};

    fn rule(groups: Vec<String>) -> ManagerRule {
        ManagerRule {
            id: 1,
            level: 0,
            window: None,
            conditions: vec![Condition::IfSid(7)],
            description: "D".to_owned(),
            techniques: Vec::new(),
            groups,
        }
    }

    #[test]
    fn groups_that_would_be_cut_are_refused() {
        let longest = GROUPS_BYTES - COMMON_GROUPS.len() - 1;
        assert!(rule(vec!["g".repeat(longest)]).render().is_ok());
        assert!(rule(vec!["g".repeat(longest + 1)]).render().is_err());
    }

    #[test]
    fn only_patterns_may_have_a_backslash() {
        let field =
            |pattern: &str| Condition::Field { name: "n", pattern: pattern.to_owned() }.render().unwrap();
        assert_eq!(field(r"\.+"), r#"<field name="n">\.+</field>"#);
        assert!(Condition::DecodedAs(r"a\b").render().is_err());
    }
}
