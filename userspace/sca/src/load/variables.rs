use super::reader::{Map, Reader, short, string};
use crate::{Fault, limit};

/// A policy's variables: names that stand for text in the locations of its rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    // The longest name first, so that `$ssh` does not take the beginning of `$sshd`.
    by_length: Vec<(String, String)>,
}

impl Variables {
    pub(super) fn read(reader: &mut Reader, map: Map<'_>) -> Self {
        let mut by_length = Vec::new();
        let bound = limit::VARIABLES;
        if map.entries.len() > bound {
            reader.refuse(map.place, Fault::TooMuch { what: "the number of variables", bound });
            return Self::default();
        }
        for entry in map.entries {
            if entry.key.strip_prefix('$').is_none_or(str::is_empty) {
                reader.refuse(entry.place, Fault::VariableName(short(&entry.key)));
                continue;
            }
            if by_length.iter().any(|(name, _)| *name == entry.key) {
                continue;
            }
            match string(&entry.value) {
                Some(value) => by_length.push((entry.key.clone(), value.to_owned())),
                None => reader.refuse_expected(&entry.value, "a variable's value", "text"),
            }
        }
        by_length.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { by_length }
    }

    /// A text with every variable replaced, one after the other, so that a value may name a shorter one. None if the text
    /// becomes longer than [`limit::RULE_BYTES`].
    pub(crate) fn replace(&self, text: &str) -> Option<String> {
        let mut replaced = text.to_owned();
        for (name, value) in &self.by_length {
            let found = replaced.matches(name.as_str()).count();
            let length = replaced.len() - found * name.len() + found.saturating_mul(value.len());
            if length > limit::RULE_BYTES {
                return None;
            }
            if found > 0 {
                replaced = replaced.replace(name.as_str(), value);
            }
        }
        (replaced.len() <= limit::RULE_BYTES).then_some(replaced)
    }

    /// A rule with the variables before its first arrow replaced.
    pub(crate) fn replace_location(&self, rule: &str) -> Option<String> {
        let (location, rest) = rule.split_at_checked(rule.find(" -> ").unwrap_or(rule.len()))?;
        Some(self.replace(location)? + rest)
    }
}
