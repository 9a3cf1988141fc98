//! integrations/wazuh/rampart_rules.xml, as a manager reads it. What it says that is not understood here is an error.

use std::{fs, path::PathBuf};

use rampart_pattern::{Dialect, NamePattern, Pattern};
use roxmltree::{Document, Node};

/// A rule of the file.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: u32,
    pub(crate) level: u8,
    pub(crate) parents: Vec<u32>,
    pub(crate) decoder: Option<String>,
    pub(crate) location: Option<NamePattern>,
    pub(crate) fields: Vec<(String, Pattern)>,
    pub(crate) history: Option<History>,
    pub(crate) description: String,
    pub(crate) techniques: Vec<String>,
    /// Those of the file included.
    pub(crate) groups: String,
}

/// What must have come before.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The event at hand included.
    pub(crate) events: usize,
    pub(crate) seconds: u64,
    pub(crate) group: String,
    pub(crate) same: Vec<String>,
    pub(crate) different: Vec<String>,
    pub(crate) global: bool,
}

impl Rule {
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.split(',').filter(|group| !group.is_empty())
    }

    fn read(common: &str, node: Node<'_, '_>) -> Self {
        let number = |name: &str| node.attribute(name).map(|text| text.parse::<u32>().unwrap());
        let mut rule = Self {
            id: number("id").unwrap(),
            level: u8::try_from(number("level").unwrap()).unwrap(),
            parents: Vec::new(),
            decoder: None,
            location: None,
            fields: Vec::new(),
            history: None,
            description: String::new(),
            techniques: Vec::new(),
            groups: common.to_owned(),
        };
        if let Some(events) = number("frequency") {
            let (events, seconds) = (usize::try_from(events).unwrap(), number("timeframe").unwrap().into());
            rule.history = Some(History { events, seconds, ..History::default() });
        }
        let known = ["id", "level", "frequency", "timeframe"];
        assert!(node.attributes().all(|attribute| known.contains(&attribute.name())), "{}", rule.id);
        for child in node.children().filter(Node::is_element) {
            rule.take(child);
        }
        rule
    }

    fn take(&mut self, node: Node<'_, '_>) {
        let text = node.text().unwrap_or_default().to_owned();
        let name = node.tag_name().name();
        match name {
            "decoded_as" => self.decoder = Some(text),
            "location" => self.location = Some(NamePattern::new(&text).unwrap()),
            "if_sid" => self.parents.extend(text.split(',').map(|id| id.trim().parse::<u32>().unwrap())),
            "field" => {
                let pattern = Pattern::new(Dialect::OsRegex, &text).unwrap();
                self.fields.push((node.attribute("name").unwrap().to_owned(), pattern));
            }
            "description" => self.description = text,
            "options" => assert_eq!(text, "no_full_log"),
            "mitre" => {
                let ids = node.children().filter(Node::is_element);
                self.techniques.extend(ids.map(|id| id.text().unwrap().to_owned()));
            }
            "group" => self.groups.push_str(&text),
            _ => self.history.as_mut().unwrap().take(name, text),
        }
    }
}

impl History {
    fn take(&mut self, name: &str, text: String) {
        match name {
            "if_matched_group" => self.group = text,
            "same_field" => self.same.push(text),
            "different_field" => self.different.push(text),
            "global_frequency" => self.global = true,
            other => panic!("{other}"),
        }
    }
}

/// The file's text.
pub(crate) fn text() -> String {
    fs::read_to_string(integration("rampart_rules.xml")).unwrap()
}

/// A file beside it.
pub(crate) fn integration(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../integrations/wazuh").join(name)
}

/// The rules in the file's order.
pub(crate) fn rules() -> Vec<Rule> {
    let text = text();
    let document = Document::parse(&text).unwrap();
    let group = document.root_element();
    assert_eq!(group.tag_name().name(), "group");
    let common = group.attribute("name").unwrap();
    group.children().filter(Node::is_element).map(|node| Rule::read(common, node)).collect()
}
