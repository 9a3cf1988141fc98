use std::sync::Arc;

use crate::{Entries, Rule, Target};

/// What a rule asks for, in words.
pub(crate) fn expectation(rule: &Rule) -> String {
    let no = if rule.negated { "no" } else { "a" };
    let not = if rule.negated { "not " } else { "" };
    match &rule.target {
        Target::File { paths, content: None } => format!("{} {not}a file", list(paths)),
        Target::File { paths, content: Some(content) } => {
            format!("{no} line of {} with {}", list(paths), content.text())
        }
        Target::Directory { folders, entries: None } => format!("{} {not}a folder", list(folders)),
        Target::Directory { folders, entries: Some(Entries { names, content: None }) } => {
            format!("{no} file under {} with the name {}", list(folders), names.text())
        }
        Target::Directory { folders, entries: Some(Entries { names, content: Some(content) }) } => {
            format!("{no} line with {} in files {} under {}", content.text(), names.text(), list(folders))
        }
        Target::Command { content: None, .. } => {
            format!("{not}anything: a command without a pattern is not run")
        }
        Target::Command { line, content: Some(content) } => {
            format!("{no} line with {} in what `{}` prints", content.text(), short(line))
        }
        Target::Process { content } => format!("{no} process with the name {}", content.text()),
    }
}

fn list(paths: &[Arc<str>]) -> String {
    paths.iter().map(|path| &**path).collect::<Vec<_>>().join(" or ")
}

/// Commands may be long scripts; the whole is in the rule.
const COMMAND: usize = 60;

fn short(command: &str) -> String {
    match command.char_indices().nth(COMMAND) {
        Some((end, _)) => format!("{}…", command.get(..end).unwrap_or_default()),
        None => command.to_owned(),
    }
}
