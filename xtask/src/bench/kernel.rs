//! What watching costs: the kernel's work, the daemon's own, and how much slower the machine gets, beside peers.

mod agent;
mod audit;
mod clock;
mod contender;
mod metrics;
mod options;
mod program;
mod report;
mod rounds;
mod rule;
mod snoop;
mod storm;

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{form::scratch, machine};
use crate::{
    privilege::Privilege,
    setup::{self, Scope},
    test::program::build_actor,
    workspace::Workspace,
};
use agent::Rampart;
use audit::Audit;
use clock::Clock;
use contender::{Bare, Contender};
use program::Costs;
use report::Figures;
use snoop::Execsnoop;
use storm::{Deed, Storms};

use options::PAGE;

pub(crate) use options::Options;

/// What cannot be measured here, and why.
type Skipped = Vec<(String, String)>;

/// Measures everything, prints it and writes the page.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if Privilege::detect() != Privilege::Root {
        bail!(
            "this measures the whole machine, and changes its settings meanwhile: start it as root, such as by \
             `sudo env \"PATH=$PATH\" cargo xtask bench kernel`"
        );
    }
    setup::run(workspace, Scope::Bench)?;
    let bench = Bench::prepare(workspace, options)?;
    let page = bench.measure()?.page();
    options.form.publish(workspace, PAGE, &page)
}

/// What is needed to measure.
struct Bench {
    daemon: PathBuf,
    storms: Storms,
    rounds: u32,
    /// For everything that is written meanwhile.
    folder: PathBuf,
}

impl Bench {
    fn prepare(workspace: &Workspace, options: &Options) -> Result<Self> {
        let daemon = options.binary.get(workspace)?;
        let actor = build_actor(workspace)?;
        let folder = scratch(workspace, "kernel")?;
        let storms = Storms::prepare(actor, &folder, options.divisor())?;
        Ok(Self { daemon, storms, rounds: options.rounds(), folder })
    }

    fn measure(&self) -> Result<Figures> {
        let mut skipped = Skipped::new();
        let (contenders, samples) = {
            let _clock = Clock::set(false)?;
            let contenders = self.contenders(&mut skipped);
            let samples = rounds::run(&contenders, &self.storms, self.rounds)?;
            (contenders.iter().map(|contender| contender.name()).collect(), samples)
        };
        let costs = self.costs(&mut skipped)?;
        Ok(Figures {
            machine: machine::describe()?,
            rounds: self.rounds,
            contenders,
            samples,
            costs,
            skipped,
        })
    }

    /// The bare machine, the daemon, and those peers that can be had.
    fn contenders(&self, skipped: &mut Skipped) -> Vec<Box<dyn Contender>> {
        let mut contenders: Vec<Box<dyn Contender>> = vec![Box::new(Bare), Box::new(self.rampart(None))];
        let peers = [
            (audit::AUDITD, Audit::claim(&self.folder).map(boxed)),
            (snoop::EXECSNOOP, Execsnoop::find(&self.folder).map(boxed)),
        ];
        for (name, peer) in peers {
            let peer = peer.and_then(|peer| {
                rounds::rehearse(peer.as_ref(), &self.storms)?;
                Ok(peer)
            });
            match peer {
                Ok(peer) => contenders.push(peer),
                Err(error) => skip(skipped, name, &error),
            }
        }
        contenders
    }

    /// The time of the programs, for each deed.
    fn costs(&self, skipped: &mut Skipped) -> Result<Vec<Costs>> {
        let _clock = Clock::set(true)?;
        let rules = rule::write(&self.folder)?;
        let plan = [(None, vec![Deed::Spawn, Deed::Connect]), (Some(rules), vec![Deed::Open])];
        let mut all = Vec::new();
        for (rules, deeds) in plan {
            let agent = self.rampart(rules).launch()?;
            for deed in deeds {
                println!("in the kernel: {}", deed.name());
                match program::measure(&agent, &self.storms, deed, self.rounds) {
                    Ok(costs) => all.push(costs),
                    Err(error) => skip(skipped, &format!("{} in the kernel", deed.name()), &error),
                }
            }
        }
        Ok(all)
    }

    fn rampart(&self, rules: Option<PathBuf>) -> Rampart {
        Rampart { binary: self.daemon.clone(), folder: self.folder.join("rampart"), rules }
    }
}

fn boxed<C: Contender + 'static>(contender: C) -> Box<dyn Contender> {
    Box::new(contender)
}

fn skip(skipped: &mut Skipped, name: &str, error: &anyhow::Error) {
    println!("skipped {name}: {error:#}");
    skipped.push((name.to_owned(), format!("{error:#}")));
}
