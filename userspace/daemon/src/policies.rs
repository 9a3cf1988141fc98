//! Which rules are in force, and putting others in their place while the agent runs.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rampart_kernel::Demand;
use rampart_policy::{Gravity, Loaded, Mode, Problem, SourceError};
use rampart_runtime::{Engine, TrialFailure, try_rules};

/// Loads the rules that the configuration names, or those in the binary.
pub(crate) fn load(folders: &[PathBuf]) -> Result<Loaded, SourceError> {
    if folders.is_empty() {
        return Ok(rampart_policy::embedded());
    }
    rampart_policy::load_paths(folders, Mode::Strict)
}

/// What the rules look at. Other modules will ask for more.
pub(crate) fn demand(policies: &Loaded) -> Demand {
    Demand::new(policies.rules.kinds(), policies.rules.watch())
}

/// The problems for which something was refused.
pub(crate) fn refused(policies: &Loaded) -> impl Iterator<Item = &Problem> {
    policies.problems.iter().filter(|problem| problem.gravity == Gravity::Error)
}

/// A problem with its remedy.
pub(crate) fn explained(problem: &Problem) -> String {
    format!("{problem} ({})", problem.help())
}

/// An event that a rule judges otherwise than it says, with the remedy.
pub(crate) fn explained_failure(failure: &TrialFailure) -> String {
    format!("{failure} (correct the rule, or the event under `tests:`)")
}

/// A folder that cannot be read, with the remedy.
fn unavailable(error: &SourceError) -> String {
    format!("{error}: {} (put it back, or correct `policies` and start again)", error.error)
}

/// Rules that can be put in force.
pub(crate) struct Rules {
    pub(crate) engine: Engine,
    pub(crate) count: usize,
    pub(crate) demand: Demand,
}

/// What came of loading rules again.
pub(crate) enum Reloaded {
    /// They are good.
    Rules(Box<Rules>),
    /// They are not: those in force stay.
    Refused(Vec<String>),
}

impl Reloaded {
    /// Loads rules, and tries them on their own tests, beside those in force. Takes its time.
    pub(crate) fn load(folders: &[PathBuf]) -> Self {
        let policies = match load(folders) {
            Ok(policies) => policies,
            Err(error) => return Self::Refused(vec![unavailable(&error)]),
        };
        if policies.has_errors() {
            return Self::Refused(refused(&policies).map(explained).collect());
        }
        let failures = try_rules(&policies.rules).failures;
        if !failures.is_empty() {
            return Self::Refused(failures.iter().map(explained_failure).collect());
        }
        Self::Rules(Box::new(Rules {
            engine: Engine::compile(&policies.rules),
            count: policies.rules.count(),
            demand: demand(&policies),
        }))
    }
}

/// From whoever loads rules again to the pipeline. Of two in quick succession only the later comes into force.
#[derive(Clone, Default)]
pub(crate) struct Reloads(Arc<Mutex<Option<Reloaded>>>);

impl Reloads {
    /// Hands over what came of loading rules again.
    pub(crate) fn put(&self, reloaded: Reloaded) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reloaded);
    }

    /// What has come since the last call.
    pub(crate) fn take(&self) -> Option<Reloaded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
