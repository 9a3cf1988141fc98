//! What goes into every guest, built once for all of them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{
    test::program::{self, TestProgram},
    workspace::Workspace,
};

/// Of the test programs, those that guests run. The others need what only a whole system has.
const PLAYER: &str = "scenarios";
const DETECTOR: &str = "detections";

/// Some kernel that is not this machine's.
const GUEST: &str = "guest";

/// What is put into a guest.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Programs by their path in the guest.
    pub(super) programs: Vec<(&'static str, PathBuf)>,
    /// Files, and folders with all that is in them, by their path in the guest.
    pub(super) trees: Vec<(&'static str, PathBuf)>,
    /// What the tests are started with; nothing when the guest is not booted for tests.
    pub(super) arguments: Vec<String>,
}

impl Contents {
    /// The daemon alone.
    pub(super) fn daemon(daemon: PathBuf) -> Self {
        Self { programs: vec![("/rampart", daemon)], ..Self::default() }
    }

    /// The daemon, and its scenarios with `filter` in their names.
    pub(super) fn scenarios(workspace: &Workspace, daemon: PathBuf, filter: Option<&str>) -> Result<Self> {
        let programs = program::build(workspace)?;
        let (player, detector) = (named(&programs, PLAYER)?, named(&programs, DETECTOR)?);
        // Every test has it in its name.
        let arguments = vec![filter.unwrap_or("::").to_owned()];
        let asked = |program: &TestProgram| program.list(workspace, GUEST, &arguments);
        // No test at all would look like a success.
        if asked(player)?.is_empty() && asked(detector)?.is_empty() {
            bail!("no scenario has \"{}\" in its name", filter.unwrap_or_default());
        }
        let actor = program::build_actor(workspace)?;
        Ok(Self {
            programs: vec![
                ("/rampart", daemon),
                ("/actor", actor),
                ("/play", player.path.clone()),
                ("/detect", detector.path.clone()),
            ],
            trees: vec![
                ("/scenarios", workspace.scenarios()),
                ("/kernels.toml", workspace.differences()),
                ("/policies", workspace.policies()),
                ("/detections", workspace.detections()),
            ],
            arguments,
        })
    }
}

fn named<'a>(programs: &'a [TestProgram], name: &str) -> Result<&'a TestProgram> {
    let found = programs.iter().find(|program| program.name == name);
    found.with_context(|| format!("no test program is called {name}"))
}
