//! What the threads of a manager have in common.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    builder::ManagerBuilder,
    keys::{Agent, locked},
    lie::Lie,
    link::Link,
    records::Records,
};

/// How often a thread that waits looks again.
const LOOK: Duration = Duration::from_millis(2);

/// How long a second connection of an agent waits for the end of the first, after the last that was read from it. A real manager reads all connections in one
/// thread, and so has seen the end of the one that was closed before; ours may be still reading.
const HANDOVER: Duration = Duration::from_secs(1);

/// How long it waits at most.
const LONG_HANDOVER: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: ManagerBuilder,
    pub(super) records: Records,
    /// By which the memory of counters tells managers apart: the port, so that one that is started again there is the
    /// same.
    pub(super) node: u16,
    pub(super) lie: Mutex<Option<Lie>>,
    /// The file that agents are to have.
    pub(super) file: Mutex<Option<Arc<[u8]>>>,
    stopped: AtomicBool,
    stalled: AtomicBool,
    stalls: AtomicU64,
    connections: AtomicU64,
    links: Mutex<BTreeMap<u64, Arc<Link>>>,
}

impl Shared {
    pub(super) fn new(options: ManagerBuilder, node: u16) -> Self {
        Self {
            records: Records::new(options.keep),
            lie: Mutex::new(options.lie),
            file: Mutex::new(options.file.clone()),
            options,
            node,
            stopped: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            stalls: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            links: Mutex::default(),
        }
    }

    pub(super) fn lie(&self) -> Option<Lie> {
        *locked(&self.lie)
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn stall(&self, on: bool) {
        self.stalled.store(on, Ordering::Relaxed);
        self.stalls.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes with each stall, begun or ended.
    pub(super) fn stalls(&self) -> u64 {
        self.stalls.load(Ordering::Relaxed)
    }

    /// Waits for the end of a stall, or of what `is_over` says.
    pub(super) fn wait(&self, is_over: impl Fn() -> bool) {
        while self.stalled.load(Ordering::Relaxed) && !self.is_stopped() && !is_over() {
            thread::sleep(LOOK);
        }
    }

    /// How many there have been.
    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Takes a connection, and serves it in a thread of its own.
    pub(super) fn connect(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        serve: impl FnOnce(&Self, &Arc<Link>) + Send + 'static,
    ) {
        // A connection that is gone again.
        let Ok(link) = Link::new(stream, peer).map(Arc::new) else { return };
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        // Here and not in the thread: what is closed after the port has been shut are all that there are.
        locked(&self.links).insert(number, Arc::clone(&link));
        let shared = Arc::clone(self);
        let thread = thread::Builder::new().name("connection".to_owned()).spawn(move || {
            serve(&shared, &link);
            link.close();
            locked(&shared.links).remove(&number);
        });
        if thread.is_err() {
            locked(&self.links).remove(&number);
        }
    }

    pub(super) fn links(&self) -> Vec<Arc<Link>> {
        locked(&self.links).values().cloned().collect()
    }

    /// The connection is the agent's, unless another one is: at most one may be, but for one that was idle for long.
    pub(super) fn claim(&self, link: &Arc<Link>, agent: &Arc<Agent>) -> Result<(), String> {
        let begin = Instant::now();
        loop {
            let mut links = locked(&self.links);
            let id = &agent.key.id;
            links.retain(|_, other| {
                let is_overtaken = other.is_of(id) && other.idle() > self.options.overtake;
                if is_overtaken {
                    other.close();
                }
                !is_overtaken && !other.is_closed()
            });
            let Some(other) = links.values().find(|other| other.is_of(id)) else {
                link.claim(Arc::clone(agent));
                return Ok(());
            };
            let is_quiet = other.idle() > HANDOVER;
            drop(links);
            let waited = begin.elapsed();
            if waited > LONG_HANDOVER || (is_quiet && waited > HANDOVER) {
                return Err("a second connection of an agent: agent key already in use".to_owned());
            }
            thread::sleep(LOOK);
        }
    }
}
