//! Our daemon.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, Result};

use super::{
    contender::{Contender, Tally, Watcher},
    metrics::Metrics,
    storm::Deed,
};
use crate::bench::{agent, daemon::Daemon, process};

/// Our name among the contenders.
pub(super) const RAMPART: &str = "rampart";

/// The daemon brings its counters up to date about once a second.
const REFRESH: Duration = Duration::from_millis(2200);

/// How our daemon is started.
#[derive(Debug)]
pub(super) struct Rampart {
    pub(super) binary: PathBuf,
    /// Where its configuration, its lock and its log are.
    pub(super) folder: PathBuf,
    /// A folder of rules; those in the binary if there is none.
    pub(super) rules: Option<PathBuf>,
}

/// Our daemon, running.
#[derive(Debug)]
pub(super) struct Agent {
    daemon: Daemon,
    address: SocketAddr,
}

impl Rampart {
    /// Starts it and waits until it is ready.
    pub(super) fn launch(&self) -> Result<Agent> {
        let address = free_address()?;
        let daemon = agent::launch(&self.binary, &self.folder, &self.config(address)?)?;
        Ok(Agent { daemon, address })
    }

    /// JSON strings are YAML strings, whatever a path holds. What is measured is watching: no scan runs beside it.
    fn config(&self, address: SocketAddr) -> Result<String> {
        let policies = serde_json::to_string(&self.rules.iter().collect::<Vec<&PathBuf>>())?;
        Ok(format!("listen: {address}\nsca: {{enabled: false}}\npolicies: {policies}\n"))
    }
}

impl Agent {
    /// What it says of itself, after it had the time to count what has happened.
    pub(super) fn metrics(&self) -> Result<Metrics> {
        sleep(REFRESH);
        Metrics::fetch(self.address)
    }
}

impl Contender for Rampart {
    fn name(&self) -> &'static str {
        RAMPART
    }

    fn deeds(&self) -> &'static [Deed] {
        &[Deed::Spawn, Deed::Connect]
    }

    fn start(&self) -> Result<Box<dyn Watcher + '_>> {
        Ok(Box::new(self.launch()?))
    }
}

impl Watcher for Agent {
    fn tally(&mut self) -> Result<Option<Tally>> {
        self.daemon.check()?;
        let metrics = self.metrics()?;
        Ok(Some(Tally {
            cpu_seconds: process::cpu_seconds(self.daemon.id())?,
            memory: process::memory(self.daemon.id())?,
            events: metrics.sum("rampart_events_total"),
            lost: metrics.sum("rampart_events_lost_total"),
        }))
    }

    fn stop(self: Box<Self>) -> Result<()> {
        self.daemon.check()
    }
}

/// The daemon does not say which port it got, so it is given one that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port can be had")?;
    Ok(listener.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::Rampart;

    #[track_caller]
    fn check(rules: Option<&str>, expected: &str) {
        let rampart = Rampart {
            binary: "/bin/rampart".into(),
            folder: "/tmp/a b".into(),
            rules: rules.map(Into::into),
        };
        let config = rampart.config("127.0.0.1:9".parse().unwrap()).unwrap();
        assert!(config.contains("listen: 127.0.0.1:9\n"), "{config}");
        assert!(config.ends_with(expected), "{config}");
    }

    #[test]
    fn it_has_the_rules_it_is_given() {
        check(None, "\npolicies: []\n");
        check(Some("/tmp/rules"), "\npolicies: [\"/tmp/rules\"]\n");
    }
}
