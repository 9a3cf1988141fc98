//! Every file of `tests/e2e/detections` as a test of its own, called `detection::` and the rule's folder and name.
//!
//! RAMPART_BIN is the daemon, RAMPART_ACTOR who does the deeds, RAMPART_POLICIES the rules, RAMPART_DETECTIONS the
//! scenarios. RAMPART_KERNEL says where they are played: in a guest, only those that need one. With
//! RAMPART_LENIENT_POLICIES=1 a rule that is refused is in nobody's way but its own scenario's.

mod coverage;

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use anyhow::{Context as _, ensure};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use rampart_e2e::{
    detection::{Player, Rules, Scenario},
    scenario::Outcome,
};

const PREFIX: &str = "detection";

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    // They watch one kernel: side by side they would be in each other's way.
    arguments.test_threads.get_or_insert(1);
    Ok(libtest_mimic::run(&arguments, trials()?).exit_code())
}

/// What all trials share; each part comes with the first that needs it, since a list of tests needs none.
struct Place {
    policies: PathBuf,
    is_guest: bool,
    is_lenient: bool,
    rules: OnceLock<Result<Rules, String>>,
    player: Mutex<Option<Player>>,
}

impl Place {
    fn of_environment() -> Self {
        let is = |name: &str, value: &str| env::var_os(name).is_some_and(|found| found == value);
        Self {
            policies: folder("RAMPART_POLICIES", "../../policies"),
            is_guest: env::var_os("RAMPART_KERNEL").is_some() && !is("RAMPART_KERNEL", "native"),
            is_lenient: is("RAMPART_LENIENT_POLICIES", "1"),
            rules: OnceLock::new(),
            player: Mutex::new(None),
        }
    }

    fn rules(&self) -> anyhow::Result<&Rules> {
        let list = || Rules::list(&self.policies).map_err(|error| format!("{error:#}"));
        let rules = self.rules.get_or_init(list).as_ref().map_err(|error| anyhow::anyhow!(error.clone()))?;
        ensure!(self.is_lenient || rules.problems().is_empty(), "{}", rules.problems());
        Ok(rules)
    }

    fn play(&self, name: &str, path: &Path) -> anyhow::Result<Outcome> {
        let scenario = Scenario::read(path)?;
        if scenario.needs_guest() && !self.is_guest {
            return Ok(Outcome::Skipped(
                "not on a machine that others use: it is played in a guest".to_owned(),
            ));
        }
        let rules = self.rules()?;
        let mut player = self.player.lock().unwrap_or_else(PoisonError::into_inner);
        let player = match &mut *player {
            Some(player) => player,
            None => player.insert(Player::new(&self.policies)?),
        };
        player.play(&scenario, name, rules)
    }

    fn finish(&self) -> anyhow::Result<()> {
        let mut player = self.player.lock().unwrap_or_else(PoisonError::into_inner);
        player.as_mut().map_or(Ok(()), Player::finish)
    }
}

/// A folder that the environment names, or one of the source tree.
fn folder(variable: &str, default: &str) -> PathBuf {
    let named = env::var_os(variable).map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(default))
}

fn trials() -> anyhow::Result<Vec<Trial>> {
    let place = Arc::new(Place::of_environment());
    let files = files(&folder("RAMPART_DETECTIONS", "detections"))?;
    let mut trials = Vec::new();
    for (name, path) in &files {
        let is_played = |scenario: &Scenario| scenario.needs_guest() || !place.is_guest;
        // What cannot be read fails under its own name.
        if Scenario::read(path).is_ok_and(|scenario| !is_played(&scenario)) {
            continue;
        }
        let (place, name, path) = (Arc::clone(&place), name.clone(), path.clone());
        let trial = format!("{PREFIX}::{name}");
        trials.push(Trial::ignorable_test(trial, move || completion(place.play(&name, &path))));
    }
    if !place.is_guest {
        let (place, names) =
            (Arc::clone(&place), files.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
        let check = move || {
            place.rules().and_then(|rules| coverage::check(rules, &names)).map_err(|error| fail(&error))
        };
        trials.push(Trial::test(format!("{PREFIX}::of_every_rule"), check));
    }
    let finish = move || place.finish().map_err(|error| fail(&error));
    trials.push(Trial::test(format!("{PREFIX}::nothing_was_lost"), finish));
    Ok(trials)
}

fn completion(outcome: anyhow::Result<Outcome>) -> Result<Completion, Failed> {
    match outcome.map_err(|error| fail(&error))? {
        Outcome::Passed => Ok(Completion::Completed),
        Outcome::Skipped(reason) => Ok(Completion::ignored_with(reason)),
    }
}

fn fail(error: &anyhow::Error) -> Failed {
    Failed::from(format!("{error:#}"))
}

/// Every scenario by its folder and name.
fn files(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for tactic in list(folder)? {
        for path in list(&tactic)? {
            let is_scenario = path.extension() == Some(OsStr::new("yml"));
            ensure!(is_scenario, "{} is no scenario: their names end in .yml", path.display());
            let name = path.strip_prefix(folder)?.with_extension("");
            files.push((name.to_str().context("a name that is no UTF-8")?.to_owned(), path));
        }
    }
    ensure!(!files.is_empty(), "no scenarios in {}", folder.display());
    Ok(files)
}

/// What is in a folder, by name.
fn list(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
