use rampart_policy::Status;
use serde_json::{Value as Json, json};

use super::{entry::Entry, table::Table};

pub(super) fn table(entries: &[Entry<'_>]) -> Table<6> {
    let mut table = Table::new(["ID", "LEVEL", "CATEGORY", "TECHNIQUES", "CONTROLS", "TITLE"]);
    for entry in entries {
        table.push([
            entry.reference.id.to_string(),
            // It raises nothing by itself.
            if entry.silent { "silent".to_owned() } else { entry.reference.severity.to_string() },
            entry.category.unwrap_or(entry.kind).to_owned(),
            entry.techniques().join(","),
            entry.reference.controls.len().to_string(),
            entry.reference.title.to_string(),
        ]);
    }
    table
}

pub(super) fn json(entries: &[Entry<'_>]) -> Json {
    entries.iter().map(describe).collect()
}

fn describe(entry: &Entry<'_>) -> Json {
    let reference = entry.reference;
    json!({
        "id": reference.id,
        "title": reference.title,
        "kind": entry.kind,
        "level": reference.severity,
        "status": entry.status.map(Status::name),
        "category": entry.category,
        "silent": entry.silent,
        "techniques": entry.techniques(),
        "controls": reference.controls.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "description": reference.description,
        "falsepositives": entry.false_positives,
        "tests": entry.tests,
        "file": entry.origin.file,
        "line": entry.origin.place.line,
    })
}
