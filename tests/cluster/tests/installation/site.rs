//! What all tests share.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rampart_cluster::{Agent, Chart, Kubectl, Managers, Node};

/// The node with two managers and the chart.
pub(crate) struct Site {
    pub(crate) node: Node,
    pub(crate) kubectl: Kubectl,
    pub(crate) managers: Managers,
    chart: Mutex<Chart>,
}

impl Site {
    /// Made by the first test that asks; where that fails it fails for all, at once.
    pub(crate) fn get() -> &'static Self {
        static SITE: OnceLock<Result<Site, String>> = OnceLock::new();
        let site = SITE.get_or_init(|| Self::make().map_err(|error| format!("{error:#}")));
        site.as_ref().expect("an installation")
    }

    fn make() -> anyhow::Result<Self> {
        let node = Node::find()?;
        // An agent from before would ask the new managers by its old key.
        Chart::remove(&node)?;
        let managers = Managers::start(&node)?;
        let chart = Mutex::new(Chart::install(&node, &managers)?);
        Ok(Self { kubectl: node.kubectl(), node, managers, chart })
    }

    /// The agent that runs now.
    pub(crate) fn agent(&self) -> Agent<'_> {
        Agent::find(&self.node).unwrap()
    }

    pub(crate) fn chart(&self) -> MutexGuard<'_, Chart> {
        // A test that failed with it has not made it worse.
        self.chart.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
