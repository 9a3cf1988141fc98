//! A program with a rule of its own. When it is found, all that happened before it has been judged.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::ensure;
use serde_json::Value as Json;

use crate::text;

const PROGRAM: &str = "rampart-e2e-marker";

const ID: &str = "5b0c0e9a-5a43-4a8e-8e0f-6d8f0e3b7c11";

/// The rule, but for its id and the program's name.
const RULE: &str = "\
status: test
description: The end of what a test has done.
logsource: {product: linux, category: process_creation}
level: informational
";

/// The program and its rule.
#[derive(Debug)]
pub(super) struct Marker {
    rules: PathBuf,
    program: PathBuf,
    count: u32,
}

impl Marker {
    /// In a folder from which nobody minds programs being started, with the actor as its program.
    pub(super) fn new(actor: &Path, folder: &Path) -> anyhow::Result<Self> {
        let rules = folder.join("rules");
        fs::DirBuilder::new().create(&rules)?;
        let detection = format!("detection: {{marker: {{Image|endswith: /{PROGRAM}}}, condition: marker}}\n");
        let tests = format!("tests: {{match: [{{Image: /x/{PROGRAM}}}], no_match: [{{Image: /x/other}}]}}\n");
        fs::write(rules.join("marker.yml"), format!("title: Marker\nid: {ID}\n{RULE}{detection}{tests}"))?;
        let program = folder.join(PROGRAM);
        fs::copy(actor, &program)?;
        Ok(Self { rules, program, count: 0 })
    }

    /// The folder with its rule.
    pub(super) fn rules(&self) -> &Path {
        &self.rules
    }

    /// Starts the program; what it gives tells that finding from all others.
    pub(super) fn set(&mut self) -> anyhow::Result<Mark> {
        self.count += 1;
        let mut command = Command::new(&self.program);
        command.args(["nothing", &self.count.to_string()]).stdin(Stdio::null());
        ensure!(command.status()?.success(), "{} does not run", self.program.display());
        Ok(Mark(self.count))
    }
}

/// One start of the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(u32);

impl Mark {
    pub(super) fn is(self, finding: &Json) -> bool {
        text(finding, "/rule/id") == ID && text(finding, "/process/args/2") == self.0.to_string()
    }
}
