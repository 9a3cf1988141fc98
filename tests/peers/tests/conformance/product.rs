//! The product's answers, by its real binary.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::event::Event;

/// Which rule matched which event, by its place.
pub(crate) type Answers = BTreeSet<(usize, String)>;

#[derive(Deserialize)]
struct Match {
    event: usize,
    rule: String,
}

/// What the product makes of rules and events.
pub(crate) struct Verdict {
    pub(crate) answers: Answers,
    /// What it says about the rules that it does not take.
    pub(crate) refusals: Vec<String>,
}

/// Asks `rampart rules eval`, with each group of documents in a file of its own.
pub(crate) fn ask(files: &[Vec<Json>], events: &[&Event]) -> Verdict {
    let folder = tempfile::tempdir().expect("a folder for rules");
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).expect("a folder for rules");
    for (number, documents) in files.iter().enumerate() {
        fs::write(rules.join(format!("{number:05}.yml")), yaml(documents)).expect("a file of rules");
    }
    let lines: String =
        events.iter().map(|event| serde_json::to_string(event).expect("JSON") + "\n").collect();
    let file = folder.path().join("events.jsonl");
    fs::write(&file, lines).expect("a file of events");
    run(&rules, &file)
}

/// The documents as one YAML file: JSON is YAML.
pub(crate) fn yaml(documents: &[Json]) -> String {
    let texts = documents.iter().map(|document| format!("---\n{document:#}\n"));
    texts.collect()
}

fn run(rules: &Path, events: &Path) -> Verdict {
    let binary = env::var_os("RAMPART_BIN")
        .expect("RAMPART_BIN names the product's binary; `cargo xtask test` sets it");
    let output = Command::new(binary)
        .args(["rules", "eval", "--lenient", "--rules"])
        .arg(rules)
        .arg("--events")
        .arg(events)
        .output()
        .expect("the product's binary starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let answers = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Match>(line).expect("a match a line"))
        .map(|found| (found.event, found.rule))
        .collect();
    // Warnings too: every rule is written so that there is nothing to say about it.
    let refusals = said.lines().filter(|line| line.contains(": error: ") || line.contains(": warning: "));
    Verdict { answers, refusals: refusals.map(|line| relative(line, rules)).collect() }
}

fn relative(line: &str, rules: &Path) -> String {
    line.replace(&format!("{}/", rules.display()), "")
}
