use anyhow::{Context as _, bail};
use serde_json::{Map, Value as Json};

use super::text;

/// The key that is no field.
pub(crate) const CATEGORY: &str = "category";

/// What an event is to be like: every named field holds what is wanted.
#[derive(Debug)]
pub(crate) struct Pattern(Vec<(String, Condition)>);

#[derive(Debug)]
enum Condition {
    Is(String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Length(usize),
    AtLeast(f64),
    Exists(bool),
}

/// Puts values in the place of names in braces.
pub(crate) type Fill<'a> = &'a dyn Fn(&str) -> anyhow::Result<String>;

impl Pattern {
    pub(crate) fn parse(fields: &Map<String, Json>, fill: Fill<'_>) -> anyhow::Result<Self> {
        let mut conditions = Vec::new();
        for (field, wanted) in fields {
            let parsed = Condition::parse(wanted, fill).with_context(|| field.clone())?;
            conditions.extend(parsed.into_iter().map(|condition| (field.clone(), condition)));
        }
        Ok(Self(conditions))
    }

    /// Whether an event is of the category that is wanted, if any is.
    pub(crate) fn has_category(&self, event: &Json) -> bool {
        let mut of_category = self.0.iter().filter(|(field, _)| field == CATEGORY);
        of_category.all(|(field, condition)| condition.holds(event.get(field).map(text).as_deref()))
    }

    pub(crate) fn matches(&self, event: &Json) -> bool {
        self.differences(event).next().is_none()
    }

    /// What of the event is not as wanted, one sentence each.
    pub(crate) fn differences(&self, event: &Json) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(field, condition)| {
            let value = event.get(field).filter(|value| !value.is_null()).map(text);
            let holds = condition.holds(value.as_deref());
            (!holds)
                .then(|| format!("{field} is {}, wanted {condition}", value.as_deref().unwrap_or("absent")))
        })
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let conditions: Vec<String> =
            self.0.iter().map(|(field, condition)| format!("{field} {condition}")).collect();
        f.write_str(&conditions.join(", "))
    }
}

impl Condition {
    fn parse(wanted: &Json, fill: Fill<'_>) -> anyhow::Result<Vec<Self>> {
        match wanted {
            Json::Object(conditions) => {
                conditions.iter().map(|(name, operand)| Self::named(name, operand, fill)).collect()
            }
            Json::Array(_) | Json::Null => bail!("a value or a condition, not {wanted}"),
            scalar => Ok(vec![Self::Is(fill(&text(scalar))?)]),
        }
    }

    fn named(name: &str, operand: &Json, fill: Fill<'_>) -> anyhow::Result<Self> {
        let operand = fill(&text(operand))?;
        let what = || format!("{name}: {operand}");
        Ok(match name {
            "contains" => Self::Contains(operand),
            "startswith" => Self::StartsWith(operand),
            "endswith" => Self::EndsWith(operand),
            "length" => Self::Length(operand.parse().with_context(what)?),
            "at_least" => Self::AtLeast(operand.parse().with_context(what)?),
            "exists" => Self::Exists(operand.parse().with_context(what)?),
            _ => bail!("`{name}` is no condition"),
        })
    }

    fn holds(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return matches!(self, Self::Exists(false)) };
        match self {
            Self::Is(wanted) => value == wanted,
            Self::Contains(wanted) => value.contains(wanted),
            Self::StartsWith(wanted) => value.starts_with(wanted),
            Self::EndsWith(wanted) => value.ends_with(wanted),
            Self::Length(wanted) => value.chars().count() == *wanted,
            Self::AtLeast(wanted) => value.parse::<f64>().is_ok_and(|value| value >= *wanted),
            Self::Exists(wanted) => *wanted,
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Is(wanted) => write!(f, "{wanted}"),
            Self::Contains(wanted) => write!(f, "…{wanted}…"),
            Self::StartsWith(wanted) => write!(f, "{wanted}…"),
            Self::EndsWith(wanted) => write!(f, "…{wanted}"),
            Self::Length(wanted) => write!(f, "{wanted} letters"),
            Self::AtLeast(wanted) => write!(f, "at least {wanted}"),
            Self::Exists(true) => f.write_str("present"),
            Self::Exists(false) => f.write_str("absent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::Pattern;

    fn parse(fields: &Json) -> anyhow::Result<Pattern> {
        Pattern::parse(fields.as_object().unwrap(), &|text| Ok(text.replace("{dir}", "/tmp/x")))
    }

    #[test]
    fn every_condition_can_hold_and_fail() {
        let event = json!({"category": "file_access", "path": "/tmp/x/secret", "number": 7, "yes": true});
        for (field, holds, fails) in [
            ("category", json!("file_access"), json!("mount")),
            ("path", json!("{dir}/secret"), json!("{dir}/other")),
            ("path", json!({"startswith": "{dir}"}), json!({"startswith": "/etc"})),
            ("path", json!({"endswith": "/secret"}), json!({"endswith": "x"})),
            ("path", json!({"contains": "x/s"}), json!({"contains": "y"})),
            ("path", json!({"length": 13}), json!({"length": 12})),
            ("path", json!({"startswith": "/", "length": 13}), json!({"startswith": "/", "length": 1})),
            ("number", json!(7), json!(8)),
            ("number", json!("7"), json!(70)),
            ("number", json!({"at_least": 7}), json!({"at_least": 8})),
            ("yes", json!(true), json!(false)),
            ("yes", json!({"exists": true}), json!({"exists": false})),
            ("no", json!({"exists": false}), json!({"exists": true})),
        ] {
            assert!(parse(&json!({field: holds})).unwrap().matches(&event), "{field} {holds}");
            assert!(!parse(&json!({field: fails})).unwrap().matches(&event), "{field} {fails}");
        }
        assert!(!parse(&json!({"no": "x"})).unwrap().matches(&event));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for wrong in [json!({"like": "x"}), json!({"length": "long"}), json!(["x"]), json!(null)] {
            assert!(parse(&json!({"field": wrong})).is_err(), "{wrong}");
        }
    }
}
