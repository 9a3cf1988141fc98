//! Lists of values that rules name instead of having them: what `|expand` puts in place of `%name%`.

use std::collections::BTreeMap;

use crate::{
    Fault, Place, limit,
    reader::{Reader, short},
    yaml::{Content, Node, ScalarKind},
};

/// Behind a name: the values are added to a list that another file has.
const ADDS: char = '+';

/// Values by the name of their placeholder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Placeholders(BTreeMap<Box<str>, Vec<Box<str>>>);

/// Values for a list that may stand in a file that is read later.
#[derive(Debug)]
pub(crate) struct Addition {
    name: Box<str>,
    values: Vec<Box<str>>,
    pub(crate) place: Place,
}

impl Placeholders {
    /// Reads a map of names to a value each, or to a list of values, and what is to be added to other lists. What is
    /// faulty is left out.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> (Self, Vec<Addition>) {
        let (mut lists, mut additions) = (BTreeMap::new(), Vec::new());
        let Some(map) = reader.map(node, "a file of placeholders") else { return Default::default() };
        if map.entries.len() > limit::PLACEHOLDERS {
            let bound = limit::PLACEHOLDERS as u64;
            reader.note(node.place, Fault::TooMuch { what: "the number of placeholders", bound });
            return Default::default();
        }
        for entry in map.entries {
            let added = entry.key.strip_suffix(ADDS);
            let name = added.unwrap_or(&entry.key);
            if !is_name(name) {
                let what = "the name of a placeholder".to_owned();
                let (expected, found) =
                    ("letters, digits, `_`, `-` and `.`", format!("`{}`", short(&entry.key)));
                reader.note(entry.place, Fault::Expected { what, expected, found });
            } else if let Some(values) = read_values(reader, name, &entry.value) {
                if added.is_some() {
                    additions.push(Addition { name: name.into(), values, place: entry.place });
                } else {
                    lists.insert(name.into(), values);
                }
            }
        }
        (Self(lists), additions)
    }

    /// Adds values to the list of their name.
    ///
    /// # Errors
    /// When there is no such list, or it would be too long; then it stays as it is.
    pub(crate) fn add(&mut self, addition: Addition) -> Result<(), Fault> {
        let Some(list) = self.0.get_mut(&addition.name) else {
            return Err(Fault::NoListToAddTo(addition.name.into()));
        };
        if list.len() + addition.values.len() > limit::VALUES {
            let bound = limit::VALUES as u64;
            return Err(Fault::TooMuch { what: "the number of values of a placeholder", bound });
        }
        for value in addition.values {
            if !list.contains(&value) {
                list.push(value);
            }
        }
        Ok(())
    }

    /// Takes others up. No name is in both: the loader leaves one that is taken out of the second file.
    pub(crate) fn merge(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The values of a name, each as Sigma writes values. Never empty.
    pub(crate) fn values(&self, name: &str) -> Option<&[Box<str>]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

/// Whether a key of a file of placeholders adds to a list that stands elsewhere.
pub(crate) fn is_addition(key: &str) -> bool {
    key.ends_with(ADDS)
}

/// Whether a text can be a placeholder's name.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn read_values(reader: &mut Reader, name: &str, node: &Node) -> Option<Vec<Box<str>>> {
    let items = match &node.content {
        Content::List(items) if !items.is_empty() => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if items.len() > limit::VALUES {
        let bound = limit::VALUES as u64;
        reader.note(node.place, Fault::TooMuch { what: "the number of values of a placeholder", bound });
        return None;
    }
    let values: Vec<_> = items.iter().map(|item| read_value(reader, name, item)).collect();
    values.into_iter().collect()
}

fn read_value(reader: &mut Reader, name: &str, node: &Node) -> Option<Box<str>> {
    let scalar = node.as_scalar().filter(|scalar| scalar.kind != ScalarKind::Null && !scalar.text.is_empty());
    let Some(scalar) = scalar else {
        reader.expected(node, &format!("`{name}`"), "a value, or a list of values");
        return None;
    };
    if scalar.text.len() > limit::PATTERN_BYTES {
        let bound = limit::PATTERN_BYTES as u64;
        reader.note(node.place, Fault::TooMuch { what: "the length of a value", bound });
        return None;
    }
    Some(scalar.text.as_str().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Placeholders, Vec<String>) {
        let mut reader = Reader::default();
        let nodes = crate::yaml::parse(text).unwrap();
        let (placeholders, _) = Placeholders::read(&mut reader, &nodes[0]);
        let faults = reader.into_faults();
        (placeholders, faults.iter().map(|(place, fault)| format!("{place} {fault}")).collect())
    }

    #[test]
    fn what_is_faulty_is_told_and_left_out() {
        let (placeholders, faults) =
            read("a: [x*, 10, 1.10]\nb: one\n'c d': x\ne: []\nf: [x, null]\ng: { a: b }\nh: ''\n");
        assert_eq!(placeholders.values("a").unwrap().join(" "), "x* 10 1.10");
        assert_eq!(placeholders.values("b").unwrap().join(" "), "one");
        assert_eq!(placeholders.0.len(), 2);
        assert_eq!(
            faults,
            [
                "3:1 the name of a placeholder must be letters, digits, `_`, `-` and `.`, not `c d`",
                "4:4 `e` must be a value, or a list of values, not an empty list",
                "5:8 `f` must be a value, or a list of values, not nothing",
                "6:4 `g` must be a value, or a list of values, not a map",
                "7:4 `h` must be a value, or a list of values, not empty text",
            ]
        );
        assert_eq!(read("[a]").1, ["1:1 a file of placeholders must be a map, not a list"]);
    }

    #[test]
    fn there_are_bounds() {
        let many: Vec<_> = (0..=limit::PLACEHOLDERS).map(|number| format!("p{number}: x")).collect();
        assert_eq!(read(&many.join("\n")).1, ["1:1 too much: the number of placeholders is more than 1024"]);
        let many = format!("a: [{}]", vec!["x"; limit::VALUES + 1].join(","));
        assert_eq!(read(&many).1, ["1:4 too much: the number of values of a placeholder is more than 4096"]);
        let long = format!("a: {}", "x".repeat(limit::PATTERN_BYTES + 1));
        assert_eq!(read(&long).1, ["1:4 too much: the length of a value is more than 4096"]);
    }

    #[test]
    fn what_is_added_needs_a_list_and_is_there_once() {
        let additions = |text: &str| {
            let nodes = crate::yaml::parse(text).unwrap();
            Placeholders::read(&mut Reader::default(), &nodes[0]).1
        };
        let mut placeholders = read("a: [x, y]").0;
        let mut add = |text| -> Vec<String> {
            let results = additions(text).into_iter().map(|addition| placeholders.add(addition));
            results.filter_map(Result::err).map(|fault| fault.to_string()).collect()
        };
        assert_eq!(add("a+: [y, z]\nb+: x\n"), ["there is no list `b` to add to"]);
        let many = vec!["v"; limit::VALUES].join(",");
        assert_eq!(
            add(&format!("a+: [{many}]")),
            ["too much: the number of values of a placeholder is more than 4096"]
        );
        assert_eq!(placeholders.values("a").unwrap().join(" "), "x y z");
    }

    #[test]
    fn files_are_one_set() {
        let mut placeholders = read("a: x").0;
        placeholders.merge(read("b: [y, z]").0);
        assert_eq!(placeholders.values("a").unwrap().join(" "), "x");
        assert_eq!(placeholders.values("b").unwrap().join(" "), "y z");
        assert_eq!(placeholders.values("c"), None);
    }
}
