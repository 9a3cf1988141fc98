mod heartbeat;
mod state;

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use self::state::State;

pub use self::heartbeat::Heartbeat;

/// What a module is to the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Without it the agent does not do its work, and is not ready.
    Required,
    /// The agent does its work without it, though less well.
    Optional,
}

/// Whether the agent does its work, by what its modules say of themselves, and whether its threads are alive. Clones speak of the
/// same agent.
///
/// It is ready when it has been [`set`](Self::set) so and all required modules are ok or degraded. It is alive as long as each
/// [`Heartbeat`] comes in time.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<Health>>);

#[derive(Debug, Default)]
struct Health {
    is_up: bool,
    modules: Vec<Module>,
    heartbeats: Vec<Heartbeat>,
}

#[derive(Debug)]
struct Module {
    name: Arc<str>,
    need: Need,
    state: State,
}

/// What a module says of itself. At first it is starting: a required one keeps the agent from being ready until it is ok.
#[derive(Debug, Clone)]
pub struct ModuleHealth {
    name: Arc<str>,
    health: Readiness,
}

/// How all is at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether the agent does its work.
    pub is_ready: bool,
    /// Names of modules, whether each does its work, and how it is, in words. In the order in which they were made known.
    pub modules: Vec<(Arc<str>, bool, String)>,
    /// Threads from which nothing is heard any more, and since when.
    pub stuck: Vec<(&'static str, Duration)>,
}

impl Readiness {
    /// Says whether the agent has started and is not about to end.
    pub fn set(&self, ready: bool) {
        self.lock().is_up = ready;
    }

    /// Whether the agent does its work; not at first.
    #[must_use]
    pub fn get(&self) -> bool {
        self.lock().is_ready()
    }

    /// Makes a module known. One that is known by that name already, because it was started again, goes on as it was.
    #[must_use]
    pub fn module(&self, name: impl Into<Arc<str>>, need: Need) -> ModuleHealth {
        let name = name.into();
        let mut health = self.lock();
        if !health.modules.iter().any(|module| module.name == name) {
            health.modules.push(Module { name: Arc::clone(&name), need, state: State::Starting });
        }
        drop(health);
        ModuleHealth { name, health: self.clone() }
    }

    /// Makes a thread known that gives a sign of life at least every `patience`. It is taken to have given one now; one that is
    /// known by that name already is replaced.
    #[must_use]
    pub fn heartbeat(&self, name: &'static str, patience: Duration) -> Heartbeat {
        let heartbeat = Heartbeat::new(name, patience);
        let mut health = self.lock();
        health.heartbeats.retain(|known| known.name() != name);
        health.heartbeats.push(heartbeat.clone());
        heartbeat
    }

    /// How all is `now`.
    #[must_use]
    pub fn report(&self, now: Instant) -> Report {
        let health = self.lock();
        let modules = health.modules.iter();
        Report {
            is_ready: health.is_ready(),
            modules: modules
                .map(|one| (Arc::clone(&one.name), one.state == State::Ok, one.state.to_string()))
                .collect(),
            stuck: health.heartbeats.iter().filter_map(|one| Some((one.name(), one.overdue(now)?))).collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    fn is_ready(&self) -> bool {
        let works = |module: &Module| module.need == Need::Optional || module.state.works();
        self.is_up && self.modules.iter().all(works)
    }
}

impl ModuleHealth {
    /// It does its work.
    pub fn ok(&self) {
        self.set(State::Ok);
    }

    /// It does its work less well than it should; `reason` is for people. The agent stays ready.
    pub fn degraded(&self, reason: impl Into<String>) {
        self.set(State::degraded(&reason.into()));
    }

    /// It does not do its work; `reason` is for people. Where it is required, the agent is not ready.
    pub fn failed(&self, reason: impl Into<String>) {
        self.set(State::failed(&reason.into()));
    }

    fn set(&self, state: State) {
        let mut health = self.health.lock();
        if let Some(module) = health.modules.iter_mut().find(|module| module.name == self.name) {
            module.state = state;
        }
    }
}

impl Report {
    /// Whether all threads have given signs of life in time.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.stuck.is_empty()
    }

    /// The answer to who asks whether the agent is alive.
    pub(crate) fn liveness(&self) -> String {
        let mut text = if self.is_alive() { "ok\n" } else { "stuck\n" }.to_owned();
        for (thread, since) in &self.stuck {
            writeln!(text, "{thread}: no sign of life for {} s", since.as_secs()).unwrap_or_default();
        }
        text
    }
}

/// `ready` or `not ready`, and then a line for each module.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", if self.is_ready { "ready" } else { "not ready" })?;
        self.modules.iter().try_for_each(|(name, _, state)| writeln!(f, "{name}: {state}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Need, Readiness};

    fn text(readiness: &Readiness) -> String {
        readiness.report(Instant::now()).to_string()
    }

    #[test]
    fn what_is_required_decides() {
        let readiness = Readiness::default();
        let sensor = readiness.module("sensor", Need::Required);
        let wazuh = readiness.module("wazuh", Need::Optional);
        readiness.set(true);
        assert_eq!(text(&readiness), "not ready\nsensor: starting\nwazuh: starting\n");
        sensor.ok();
        assert_eq!(text(&readiness), "ready\nsensor: ok\nwazuh: starting\n");
        wazuh.failed("the key is refused");
        assert_eq!(text(&readiness), "ready\nsensor: ok\nwazuh: failed: the key is refused\n");
        sensor.degraded("no BPF LSM");
        assert_eq!(
            text(&readiness),
            "ready\nsensor: degraded: no BPF LSM\nwazuh: failed: the key is refused\n"
        );
        sensor.failed("gone");
        assert!(!readiness.get());
        assert!(text(&readiness).starts_with("not ready\nsensor: failed: gone\n"));
    }

    #[test]
    fn an_agent_that_is_not_up_is_not_ready() {
        let readiness = Readiness::default();
        readiness.module("sensor", Need::Required).ok();
        assert!(!readiness.get());
        readiness.set(true);
        assert!(readiness.get());
    }

    #[test]
    fn a_module_that_is_started_again_is_the_same() {
        let readiness = Readiness::default();
        readiness.module("sensor", Need::Required).failed("panicked");
        let again = readiness.module("sensor", Need::Required);
        assert_eq!(text(&readiness), "not ready\nsensor: failed: panicked\n");
        again.ok();
        assert_eq!(text(&readiness), "not ready\nsensor: ok\n");
    }

    #[test]
    fn a_thread_that_is_not_heard_of_is_stuck_until_it_is() {
        let readiness = Readiness::default();
        let start = Instant::now();
        let report = |seconds| readiness.report(start + Duration::from_secs(seconds));
        let beat = readiness.heartbeat("pipeline", Duration::from_secs(30));
        assert!(report(29).is_alive());
        let late = report(100);
        assert!(!late.is_alive());
        assert!(late.liveness().starts_with("stuck\npipeline: no sign of life for "), "{}", late.liveness());
        beat.rest();
        assert_eq!(report(100).liveness(), "ok\n");
        beat.beat();
        assert!(report(29).is_alive() && !report(100).is_alive());
        drop(readiness.heartbeat("pipeline", Duration::from_mins(5)));
        assert!(report(100).is_alive());
    }
}
