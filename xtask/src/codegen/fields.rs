//! docs/reference/fields.md: what rules may ask of events.

use anyhow::Result;
use rampart_model::{Category, Field, FieldType};

use super::table::{row, ruler};
use crate::workspace::Workspace;

const HEAD: &str = "\
<!-- Made by `cargo xtask codegen` from userspace/model/src/category.rs and field/table.rs: change those. -->

# Categories and fields

What a rule can ask; [rules.md](../rules.md) says how. `rampart events --format json` prints events with these names.
";

const CATEGORIES: &str = "
## Categories

A rule looks at the events of one category, `logsource.category`. The kind is what `rampart events --kind` and the metrics
call them.
";

const FIELDS: &str = "
## Fields

Names are written exactly so. What an event does not have is absent. Fields of the process (`Image`, `User`, `container.id`
and their like) are there in every category; what else is there follows from what the event is about.
";

/// Makes the page. It needs nothing but the code.
#[expect(clippy::unnecessary_wraps, reason = "other pages can fail")]
pub(super) fn page(_: &Workspace) -> Result<String> {
    Ok(render())
}

fn render() -> String {
    let mut lines = vec![HEAD.trim_end().to_owned(), CATEGORIES.to_owned()];
    lines.extend(table(["category", "kind"]));
    lines.extend(
        Category::ALL.map(|category| row(&[code(category.name()), category.kind().name().to_owned()])),
    );
    lines.push(FIELDS.to_owned());
    lines.extend(table(["field", "type", "what it is"]));
    lines.extend(Field::ALL.iter().map(|field| {
        row(&[code(field.name()), name(field.field_type()).to_owned(), field.description().to_owned()])
    }));
    lines.push(String::new());
    lines.join("\n")
}

fn table<const COLUMNS: usize>(heads: [&str; COLUMNS]) -> [String; 2] {
    [row(&heads.map(str::to_owned)), ruler(COLUMNS)]
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

const fn name(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Text => "text",
        FieldType::Number => "number",
        FieldType::Bool => "true or false",
        FieldType::Ip => "address",
    }
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn the_page_has_every_category_and_field_once() {
        let page = render();
        for line in [
            "| `process_creation` | exec |",
            "| `DestinationIp` | address | Remote address; IPv4-mapped IPv6 is given as IPv4. |",
            "| `process.setuid` | true or false | Whether the effective user is another than the real one. |",
        ] {
            assert_eq!(page.lines().filter(|found| *found == line).count(), 1, "{line}\n{page}");
        }
        assert!(page.ends_with("|\n") && !page.contains("\n\n\n"), "{page}");
    }
}
