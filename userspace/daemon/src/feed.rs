//! From the kernel to complete events, on two threads: one reads the ring buffer, the caller's enriches.

use std::{
    io,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, anyhow};
use rampart_bus::{Overflow, Receiver, channel};
use rampart_enrich::{ContainerCounters, CpuThreshold, EnrichConfig, Enricher, PodDirectory, TreeCounters};
use rampart_kernel::{
    Account, Batch, Capture, Demand, Flood, ProgramCost, ReadError, Sensor, Tally, Wishes, boot_id,
    boot_to_wall_nanos, wall_nanos,
};
use rampart_model::{Action, Call, Event, EventKind, Operation, Target, Watch};
use tokio::sync::watch;

use crate::sampling::Sampling;

/// Batches between the two threads. When they are full the reader waits, the ring buffer takes up what it can,
/// and the kernel side counts the rest.
const BATCHES: usize = 16;

/// The proc file system.
const PROC: &str = "/proc";

/// The cgroup file systems, below the host's root: in a container the same place shows the container's own part of them.
const CGROUPS: &str = "sys/fs/cgroup";

/// Reports that a flood may wait for the name of its process.
const FLOOD_PATIENCE: u8 = 5;

/// Tells the reader to stop; it drains the ring buffer first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the feed hands on.
pub(crate) enum Item {
    Event(Event),
    /// An event that nobody asked for, and that the kernel could not tell from others.
    Filtered(EventKind),
    /// For now that was all.
    Pause,
    /// About once a second, and at the end.
    Account(Box<Report>),
}

/// What has been counted so far.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) tally: Tally,
    pub(crate) tree: TreeCounters,
    pub(crate) containers: ContainerCounters,
    /// Processes whose use of the processor was not followed.
    pub(crate) unfollowed: u64,
    /// What has been summarised since the last report, and whose it is.
    pub(crate) floods: Vec<(Flood, Target)>,
    pub(crate) costs: Vec<ProgramCost>,
}

/// What is looked at besides the kernel's events.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Where the host's file systems are.
    pub(crate) host_root: PathBuf,
    /// When a process is said to keep a processor busy.
    pub(crate) threshold: CpuThreshold,
    /// What is known of pods, where anybody asks for it.
    pub(crate) pods: Option<watch::Receiver<Arc<PodDirectory>>>,
}

/// What is to be done next.
pub(crate) enum Next {
    /// The same.
    Continue,
    /// Tell of other events from now on.
    Demand(Demand),
}

/// A running sensor.
pub(crate) struct Feed {
    batches: Receiver<Batch>,
    reader: Option<JoinHandle<Result<Account, ReadError>>>,
    enricher: Enricher,
    pods: Option<watch::Receiver<Arc<PodDirectory>>>,
    watch: Watch,
    sampling: Sampling,
    wishes: Wishes,
    /// Floods of processes that are not known yet, and for how many reports they have waited.
    unnamed: Vec<(Flood, u8)>,
}

impl Feed {
    /// Starts reading, then learns of the processes there are.
    pub(crate) fn start(
        sensor: Sensor,
        stop: Stop,
        demand: &Demand,
        surroundings: Surroundings,
    ) -> anyhow::Result<Self> {
        let reader = sensor.into_reader()?;
        let wishes = reader.wishes();
        let (sender, batches) = channel("captures", BATCHES, Overflow::Block);
        let deliver = move |batch| match sender.send_blocking(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let reader = thread::Builder::new()
            .name("reader".to_owned())
            .spawn(move || reader.run(&stop.0, deliver))
            .context("starting the reader")?;
        let mut enricher = Enricher::new(EnrichConfig {
            proc_root: PathBuf::from(PROC),
            cgroup_root: surroundings.host_root.join(CGROUPS),
            host_root: surroundings.host_root,
            boot_id: boot_id().context("reading the boot id")?,
        });
        let processes = enricher.seed(0);
        tracing::debug!(processes, "process tree seeded");
        let sampling = Sampling::start(PathBuf::from(PROC), surroundings.threshold)?;
        sampling.want(demand.wants(EventKind::Cpu));
        Ok(Self {
            batches,
            reader: Some(reader),
            enricher,
            pods: surroundings.pods,
            watch: demand.watch().clone(),
            sampling,
            wishes,
            unnamed: Vec::new(),
        })
    }

    /// Learns what is known of pods by now, where that is more than before.
    fn learn(&mut self) {
        if let Some(pods) = &mut self.pods
            && pods.has_changed().unwrap_or(false)
        {
            self.enricher.learn(Arc::clone(&pods.borrow_and_update()));
        }
    }

    fn complete(&mut self, capture: Capture, boot_to_wall: i128) -> Item {
        let kind = capture.kind();
        match self.enricher.enrich(capture, boot_to_wall) {
            Some(event) if self.is_wanted(&event) => Item::Event(event),
            _ => Item::Filtered(kind),
        }
    }

    /// Where only the caller's memory tells the path, the kernel cannot compare it.
    fn is_wanted(&self, event: &Event) -> bool {
        match &event.action {
            Action::Call(Call { operation: Operation::File(file), .. }) => self.watch.wants_file(file),
            _ => true,
        }
    }

    fn report(&mut self, account: Account, is_last: bool) -> Report {
        let Account { mut tally, floods, costs } = account;
        tally.set_sampled(EventKind::Cpu, self.sampling.made());
        let patience = if is_last { 0 } else { FLOOD_PATIENCE };
        let floods = self.name(floods, patience);
        let (tree, containers) = (self.enricher.counters(), self.enricher.containers());
        let unfollowed = self.sampling.unfollowed();
        Report { tally, tree, containers, unfollowed, floods, costs }
    }

    /// The event of a process that has been found busy.
    fn sampled(&mut self, boot_to_wall: i128) -> Option<Item> {
        let busy = self.sampling.take()?;
        let now_ns = u64::try_from(wall_nanos() - boot_to_wall).unwrap_or(0);
        Some(Item::Event(self.enricher.busy(&busy, now_ns, boot_to_wall)))
    }

    /// Finds out whose floods they are. The beginning of a process that floods may still be in the ring buffer, behind much
    /// else: its floods wait for some reports until it has been read.
    fn name(&mut self, floods: Vec<Flood>, patience: u8) -> Vec<(Flood, Target)> {
        let waiting = std::mem::take(&mut self.unnamed);
        let mut named = Vec::new();
        for (flood, waited) in waiting.into_iter().chain(floods.into_iter().map(|flood| (flood, 0))) {
            match self.enricher.target(flood.process, 0) {
                Target::Key(_) if waited < patience => self.unnamed.push((flood, waited + 1)),
                target => named.push((flood, target)),
            }
        }
        named
    }

    /// From what comes after.
    fn demand(&mut self, demand: Demand) {
        self.watch = demand.watch().clone();
        self.sampling.want(demand.wants(EventKind::Cpu));
        self.wishes.ask(demand);
    }

    /// Hands on all there is until the reader has ended; gives the final counters.
    pub(crate) fn run(mut self, mut take: impl FnMut(Item) -> io::Result<Next>) -> anyhow::Result<Tally> {
        let mut boot_to_wall = boot_to_wall_nanos();
        while let Some(batch) = self.batches.next_blocking() {
            self.learn();
            for capture in batch.captures {
                take(self.complete(capture, boot_to_wall))?;
            }
            while let Some(item) = self.sampled(boot_to_wall) {
                take(item)?;
            }
            if let Some(account) = batch.account {
                // The clock may have been set.
                boot_to_wall = boot_to_wall_nanos();
                let report = self.report(account, false);
                take(Item::Account(Box::new(report)))?;
            }
            if let Next::Demand(demand) = take(Item::Pause)? {
                self.demand(demand);
            }
        }
        let ended = self.reader.take().map(JoinHandle::join).context("the reader is gone")?;
        let account = ended.map_err(|_| anyhow!("the reader panicked"))?.context("the reader stopped")?;
        while let Some(item) = self.sampled(boot_to_wall) {
            take(item)?;
        }
        let report = self.report(account, true);
        let tally = report.tally;
        take(Item::Account(Box::new(report)))?;
        Ok(tally)
    }
}
