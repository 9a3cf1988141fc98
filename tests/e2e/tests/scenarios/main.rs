//! Every file of `tests/e2e/scenarios` as a test of its own, called `scenario::` and the file's name.
//!
//! RAMPART_BIN is the daemon, RAMPART_ACTOR who does the deeds, RAMPART_SCENARIOS the folder. RAMPART_KERNEL and
//! RAMPART_VARIANT say where they are played, RAMPART_KERNELS is the table of what is different there.

mod names;

use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail, ensure};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use rampart_e2e::scenario::{Differences, Outcome, Player, Scenario};

const PREFIX: &str = "scenario";

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    // They watch one kernel: side by side they would be in each other's way.
    arguments.test_threads.get_or_insert(1);
    Ok(libtest_mimic::run(&arguments, trials()?).exit_code())
}

fn trials() -> anyhow::Result<Vec<Trial>> {
    let place = Place::of_environment()?;
    let files = files()?;
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let unknown: Vec<&str> = place.differences.scenarios().filter(|name| !names.contains(name)).collect();
    ensure!(unknown.is_empty(), "the table of kernels names no scenario: {}", unknown.join(", "));
    let player = Arc::new(Mutex::new(None));
    let paths: Vec<PathBuf> = files.iter().map(|(_, path)| path.clone()).collect();
    let check = move || names::check(&paths).map_err(|error| fail(&error));
    let mut trials = vec![Trial::test(format!("{PREFIX}::names_of_fields"), check)];
    for (name, path) in files {
        let different = place.differences.reason(&place.kernel, &place.variant, &name).map(str::to_owned);
        let (player, hooks) = (Arc::clone(&player), place.hooks.clone());
        let trial = move || match different {
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => run(&path, &player, &hooks),
        };
        trials.push(Trial::ignorable_test(format!("{PREFIX}::{name}"), trial));
    }
    trials.push(Trial::test(format!("{PREFIX}::nothing_was_lost"), move || {
        let mut player = player.lock().unwrap_or_else(PoisonError::into_inner);
        player.as_mut().map_or(Ok(()), Player::finish).map_err(|error| fail(&error))
    }));
    Ok(trials)
}

/// The player comes with the first scenario: a list of tests needs none.
fn present<'a>(player: &'a mut Option<Player>, hooks: &[String]) -> anyhow::Result<&'a mut Player> {
    match player {
        Some(player) => Ok(player),
        None => Ok(player.insert(Player::new(hooks.to_vec())?)),
    }
}

fn run(path: &Path, player: &Mutex<Option<Player>>, hooks: &[String]) -> Result<Completion, Failed> {
    let scenario = Scenario::read(path).map_err(|error| fail(&error))?;
    let mut player = player.lock().unwrap_or_else(PoisonError::into_inner);
    match present(&mut player, hooks)
        .and_then(|player| player.play(&scenario))
        .map_err(|error| fail(&error))?
    {
        Outcome::Passed => Ok(Completion::Completed),
        Outcome::Skipped(reason) => Ok(Completion::ignored_with(reason)),
    }
}

fn fail(error: &anyhow::Error) -> Failed {
    Failed::from(format!("{error:#}"))
}

/// Where the scenarios are played.
struct Place {
    kernel: String,
    variant: String,
    hooks: Vec<String>,
    differences: Differences,
}

impl Place {
    fn of_environment() -> anyhow::Result<Self> {
        let read = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        let variant = read("RAMPART_VARIANT", "auto");
        let hooks = match variant.as_str() {
            "auto" => Vec::new(),
            "tracepoints" => vec!["--hooks".to_owned(), variant.clone()],
            _ => bail!("RAMPART_VARIANT is `auto` or `tracepoints`, not `{variant}`"),
        };
        let differences = Differences::read(&table())?;
        Ok(Self { kernel: read("RAMPART_KERNEL", "native"), variant, hooks, differences })
    }
}

/// The table of kernels: in a guest, there is no source tree.
fn table() -> PathBuf {
    let named = env::var_os("RAMPART_KERNELS").map(PathBuf::from);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels.toml");
    named.unwrap_or_else(|| if own.exists() { own } else { PathBuf::from("/kernels.toml") })
}

/// Every scenario by its name.
fn files() -> anyhow::Result<Vec<(String, PathBuf)>> {
    let folder = env::var_os("RAMPART_SCENARIOS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"));
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let is_scenario = path.extension() == Some(OsStr::new("yml"));
        ensure!(is_scenario, "{} is no scenario: their names end in .yml", path.display());
        let name = path.file_stem().and_then(OsStr::to_str).context("a name that is no UTF-8")?;
        files.push((name.to_owned(), path));
    }
    ensure!(!files.is_empty(), "no scenarios in {}", folder.display());
    files.sort();
    Ok(files)
}
