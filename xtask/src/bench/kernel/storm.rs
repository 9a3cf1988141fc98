//! The loads: one deed very often, by the actor of the tests.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command;

/// Below the ports that the kernel gives out, or a connection could find itself.
const PORTS: std::ops::Range<u16> = 1..1024;

/// Whoever listens answers at once on this machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first of a load meets cold caches; so many times fewer are done before anything is measured.
const WARMING: u32 = 10;

/// What is done very often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Starting a small program and waiting for its end.
    Spawn,
    /// A connection to a port of loopback where nobody listens.
    Connect,
    /// Opening a file that nobody watches for reading.
    Open,
}

impl Deed {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Spawn => "spawn",
            Self::Connect => "refused connect",
            Self::Open => "unwatched open",
        }
    }

    /// What the actor calls it.
    fn word(self) -> &'static str {
        match self {
            Self::Spawn => "exec",
            Self::Connect => "connect",
            Self::Open => "open",
        }
    }

    /// About a second and a half of it on a machine of today.
    fn times(self) -> u32 {
        match self {
            Self::Spawn => 1500,
            Self::Connect => 50_000,
            Self::Open => 200_000,
        }
    }
}

/// The actor, and what its loads need.
#[derive(Debug)]
pub(super) struct Storms {
    actor: PathBuf,
    port: u16,
    file: PathBuf,
    /// By how much the loads are made shorter.
    divisor: u32,
}

/// What the actor says when it is done.
#[derive(Debug, Deserialize)]
struct Done {
    times: u32,
    seconds: f64,
}

impl Storms {
    /// Makes the file that is opened in `folder`.
    pub(super) fn prepare(actor: PathBuf, folder: &Path, divisor: u32) -> Result<Self> {
        let file = folder.join("unwatched");
        fs::write(&file, "").with_context(|| format!("cannot write {}", file.display()))?;
        let port = PORTS.into_iter().find(|port| is_refused(*port)).context("every port listens here")?;
        Ok(Self { actor, port, file, divisor })
    }

    /// How often one load does the deed.
    pub(super) fn times(&self, deed: Deed) -> u32 {
        deed.times() / self.divisor
    }

    /// A load that nobody measures.
    pub(super) fn warm_up(&self, deed: Deed) -> Result<()> {
        self.perform(deed, self.times(deed) / WARMING).map(drop)
    }

    /// A load; gives the microseconds that one deed took.
    pub(super) fn run(&self, deed: Deed) -> Result<f64> {
        let done = self.perform(deed, self.times(deed))?;
        Ok(done.seconds * 1e6 / f64::from(done.times))
    }

    fn perform(&self, deed: Deed, times: u32) -> Result<Done> {
        let mut actor = Command::new(&self.actor);
        actor.args(["storm", deed.word(), &times.max(1).to_string()]);
        match deed {
            Deed::Spawn => &mut actor,
            Deed::Connect => actor.arg(self.port.to_string()),
            Deed::Open => actor.arg(&self.file),
        };
        let said = command::capture(&mut actor)?;
        serde_json::from_str(&said).with_context(|| format!("the actor said: {said}"))
    }
}

fn is_refused(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, PATIENCE)
        .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}
