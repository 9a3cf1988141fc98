use std::{fs, io::Write as _, path::PathBuf};

use anyhow::bail;
use rampart_e2e::{rampart, scenario::Scenario};

/// Evaluating takes a rule, whatever it says.
const RULE: &str = "\
title: Never
id: 0d0cbe6c-95d6-4f1c-9f6c-1d1d2b3b4c5d
status: test
description: Matches nothing that happens.
logsource: {product: linux, category: process_creation}
detection: {selection: {Image: /nowhere}, condition: selection}
level: low
tests: {match: [{Image: /nowhere}], no_match: [{Image: /somewhere}]}
";

/// Has the daemon read every category and field that the scenarios name.
///
/// A misspelt field is absent from every event: that none may match would always hold.
pub(crate) fn check(paths: &[PathBuf]) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (rules, list) = (folder.path().join("rules"), folder.path().join("events.jsonl"));
    fs::DirBuilder::new().create(&rules)?;
    fs::write(rules.join("never.yml"), RULE)?;
    let mut lines = fs::File::create(&list)?;
    let mut places = Vec::new();
    for path in paths {
        // One that cannot be read fails under its own name.
        let Ok(scenario) = Scenario::read(path) else { continue };
        for names in scenario.names() {
            writeln!(lines, "{names}")?;
            places.push(path.display().to_string());
        }
    }
    let output = rampart(["rules", "eval", "--rules"])?.arg(&rules).arg("--events").arg(&list).output()?;
    if output.status.success() {
        return Ok(());
    }
    let numbered = places.iter().enumerate().map(|(index, place)| format!("{}: {place}\n", index + 1));
    bail!("{}{}", String::from_utf8_lossy(&output.stderr), numbered.collect::<String>())
}
