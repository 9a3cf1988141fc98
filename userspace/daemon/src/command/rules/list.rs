use std::io::{self, Write};

use rampart_policy::{Rule, RuleSet};
use serde_json::{Value as Json, json};

use super::{ListArgs, Stop, exit_of, load, write_problems};
use crate::{cli::Format, exit::Exit};

pub(super) fn list(args: &ListArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Stop> {
    let loaded = load(&args.dirs, args.mode.into())?;
    write_problems(err, &loaded.problems)?;
    match args.format {
        Format::Table => table(out, &loaded.rules)?,
        Format::Json => {
            let rules = loaded.rules.rules().iter().map(|rule| describe(rule)).collect();
            writeln!(out, "{:#}", Json::Array(rules))?;
        }
    }
    Ok(exit_of(&loaded))
}

fn techniques(rule: &Rule) -> Vec<&str> {
    rule.reference.techniques.iter().map(|technique| &*technique.id).collect()
}

fn table(out: &mut dyn Write, rules: &RuleSet) -> io::Result<()> {
    let mut rows = vec![["ID", "LEVEL", "CATEGORY", "TECHNIQUES", "CONTROLS", "TITLE"].map(str::to_owned)];
    rows.extend(rules.rules().iter().map(|rule| row(rule)));
    let widths: [usize; 6] = std::array::from_fn(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    });
    for row in &rows {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn row(rule: &Rule) -> [String; 6] {
    let reference = &rule.reference;
    [
        reference.id.to_string(),
        reference.severity.to_string(),
        rule.category.to_string(),
        techniques(rule).join(","),
        reference.controls.len().to_string(),
        printable(&reference.title),
    ]
}

/// A title may come from anybody: it must not command the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn describe(rule: &Rule) -> Json {
    let reference = &rule.reference;
    json!({
        "id": reference.id,
        "title": reference.title,
        "level": reference.severity,
        "status": rule.status.map(rampart_policy::Status::name),
        "category": rule.category.name(),
        "techniques": techniques(rule),
        "controls": reference.controls.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "description": reference.description,
        "falsepositives": rule.false_positives,
        "tests": rule.tests.len(),
        "file": rule.origin.file,
        "line": rule.origin.place.line,
    })
}
