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
use rampart_enrich::{EnrichConfig, Enricher, TreeCounters};
use rampart_kernel::{Batch, ReadError, Sensor, Tally, boot_id, boot_to_wall_nanos};
use rampart_model::Event;

/// Batches between the two threads. When they are full the reader waits, the ring buffer takes up what it can,
/// and the kernel side counts the rest.
const BATCHES: usize = 16;

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
    /// The counters, about once a second.
    Tally(Tally, TreeCounters),
}

/// A running sensor.
pub(crate) struct Feed {
    batches: Receiver<Batch>,
    reader: JoinHandle<Result<Tally, ReadError>>,
    enricher: Enricher,
}

impl Feed {
    /// Starts reading, then learns of the processes there are.
    pub(crate) fn start(sensor: Sensor, stop: Stop) -> anyhow::Result<Self> {
        let reader = sensor.into_reader()?;
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
            proc_root: PathBuf::from("/proc"),
            passwd: PathBuf::from("/etc/passwd"),
            boot_id: boot_id().context("reading the boot id")?,
        });
        let processes = enricher.seed(0);
        tracing::debug!(processes, "process tree seeded");
        Ok(Self { batches, reader, enricher })
    }

    /// Hands on all there is until the reader has ended; gives the final counters.
    pub(crate) fn run(mut self, mut take: impl FnMut(Item) -> io::Result<()>) -> anyhow::Result<Tally> {
        let mut boot_to_wall = boot_to_wall_nanos();
        while let Some(batch) = self.batches.next_blocking() {
            for capture in batch.captures {
                take(Item::Event(self.enricher.enrich(capture, boot_to_wall)))?;
            }
            if let Some(tally) = batch.tally {
                // The clock may have been set.
                boot_to_wall = boot_to_wall_nanos();
                take(Item::Tally(tally, self.enricher.counters()))?;
            }
        }
        let tally = self.reader.join().map_err(|_| anyhow!("the reader panicked"))?;
        tally.context("the reader stopped")
    }
}
