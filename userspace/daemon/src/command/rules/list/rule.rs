use std::io::{self, Write};

use rampart_policy::Status;
use serde_json::{Value as Json, json};

use super::{entry::Entry, table::Table};

pub(super) fn write(entries: &[Entry<'_>], out: &mut dyn Write) -> io::Result<()> {
    table(entries).write(out)?;
    let telling: Vec<_> = entries.iter().filter(|entry| !entry.silent).collect();
    let untried = telling.iter().filter(|entry| entry.scenario.is_none()).count();
    writeln!(out, "\n{} rules, {untried} without a scenario", telling.len())
}

fn table(entries: &[Entry<'_>]) -> Table<7> {
    let mut table = Table::new(["ID", "LEVEL", "CATEGORY", "TECHNIQUES", "CONTROLS", "SCENARIO", "TITLE"]);
    for entry in entries {
        table.push([
            entry.reference.id.to_string(),
            // It raises nothing by itself.
            if entry.silent { "silent".to_owned() } else { entry.reference.severity.to_string() },
            entry.category.unwrap_or(entry.kind).to_owned(),
            entry.techniques().join(","),
            entry.reference.controls.len().to_string(),
            scenario(entry),
            entry.reference.title.to_string(),
        ]);
    }
    table
}

/// The scenarios of one set lie in one folder: what tells them apart is behind it.
fn scenario(entry: &Entry<'_>) -> String {
    match entry.scenario {
        Some(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
        None if entry.silent => "-".to_owned(),
        None => "none".to_owned(),
    }
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
        "scenario": entry.scenario,
        "file": entry.origin.file,
        "line": entry.origin.place.line,
    })
}
