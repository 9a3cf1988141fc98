//! What goes into every guest, built once for all of them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{test::program, workspace::Workspace};

/// Of the test programs, the one that guests run. The others need what only a whole system has.
const PLAYER: &str = "scenarios";

/// Its word for all scenarios; one after it asks for those with it in their names.
const ALL: &str = "scenario";

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
        let mut programs = program::build(workspace)?.into_iter();
        let player = programs.find(|program| program.name == PLAYER);
        let player = player.with_context(|| format!("no test program is called {PLAYER}"))?;
        let arguments: Vec<String> = [Some(ALL), filter].into_iter().flatten().map(str::to_owned).collect();
        // No test at all would look like a success.
        if player.list(workspace, &arguments)?.is_empty() {
            bail!("no scenario has \"{}\" in its name", filter.unwrap_or_default());
        }
        let actor = program::build_actor(workspace)?;
        Ok(Self {
            programs: vec![("/rampart", daemon), ("/actor", actor), ("/play", player.path)],
            trees: vec![("/scenarios", workspace.scenarios()), ("/kernels.toml", workspace.differences())],
            arguments,
        })
    }
}
