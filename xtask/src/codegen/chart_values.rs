//! chart/README.md: the chart's values, as their file describes them.

use anyhow::{Context, Result, bail};

use super::table::{row, ruler};
use crate::workspace::Workspace;

const FILE: &str = "chart/values.yaml";

const HEAD: &str = include_str!("chart_values/head.md");

/// Begins the comment that describes a value.
const MARK: &str = "# -- ";

/// Spaces of one level.
const INDENT: usize = 2;

/// A value that people can give.
#[derive(Debug, PartialEq, Eq)]
struct Value {
    /// Such as `manager.host`.
    path: String,
    description: String,
    default: String,
}

/// Makes the page.
pub(super) fn page(workspace: &Workspace) -> Result<String> {
    let text = std::fs::read_to_string(workspace.root().join(FILE)).context(FILE)?;
    let heads = ["value", "is", "default"].map(str::to_owned);
    let mut lines = vec![row(&heads), ruler(heads.len())];
    for value in values(&text)? {
        lines.push(row(&[format!("`{}`", value.path), value.description, format!("`{}`", value.default)]));
    }
    Ok(format!("{HEAD}{}\n", lines.join("\n")))
}

/// The values in their order; an error for one without a description.
fn values(text: &str) -> Result<Vec<Value>> {
    let (mut found, mut path, mut description) = (Vec::new(), Vec::new(), None::<String>);
    for (index, line) in text.lines().enumerate() {
        let content = line.trim_start();
        if let Some(begun) = content.strip_prefix(MARK) {
            description = Some(begun.to_owned());
        } else if let Some(more) = content.strip_prefix("# ") {
            description = description.map(|begun| format!("{begun} {more}"));
        } else if let Some((key, default)) = content.split_once(':') {
            path.truncate((line.len() - content.len()) / INDENT);
            path.push(key);
            match (description.take(), default.trim()) {
                (None, "") => {}
                (Some(description), default) if !default.is_empty() => {
                    found.push(Value { path: path.join("."), description, default: default.to_owned() });
                }
                (None, _) => bail!("{FILE}:{}: `{key}` has no `{MARK}` above it", index + 1),
                (Some(_), _) => bail!("{FILE}:{}: `{key}` is described and has no value", index + 1),
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value as Json;

    use super::{Value, values};

    const VALUES: &str = include_str!("../../../chart/values.yaml");
    const SCHEMA: &str = include_str!("../../../chart/values.schema.json");

    #[test]
    fn a_value_has_its_path_its_comment_and_its_default() {
        let text = "# About all.\na:\n  # -- One\n  # or two\n  b: {x: y}\n\n# -- Three\nc: \"\"\n";
        let value = |path: &str, description: &str, default: &str| Value {
            path: path.to_owned(),
            description: description.to_owned(),
            default: default.to_owned(),
        };
        assert_eq!(
            values(text).unwrap(),
            [value("a.b", "One or two", "{x: y}"), value("c", "Three", "\"\"")]
        );
    }

    #[test]
    fn a_value_without_a_comment_and_a_comment_without_a_value_are_refused() {
        for (text, expected) in
            [("a: 1\n", "values.yaml:1: `a` has no"), ("# -- A\na:\n", ":2: `a` is described")]
        {
            assert!(values(text).unwrap_err().to_string().contains(expected), "{text}");
        }
    }

    #[test]
    fn the_schema_knows_the_values_and_no_others() {
        let described: BTreeSet<String> =
            values(VALUES).unwrap().into_iter().map(|value| value.path).collect();
        let mut known = BTreeSet::new();
        properties(&serde_json::from_str(SCHEMA).unwrap(), "", &described, &mut known);
        assert_eq!(known, described);
    }

    /// Walks down to what is described.
    fn properties(schema: &Json, above: &str, described: &BTreeSet<String>, known: &mut BTreeSet<String>) {
        assert_eq!(schema["additionalProperties"], false, "{above} takes whatever it is given");
        for (name, inner) in schema["properties"].as_object().unwrap() {
            let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            if described.contains(&path) || inner["properties"].is_null() {
                known.insert(path);
            } else {
                properties(inner, &path, described, known);
            }
        }
    }
}
