//! What a container is called: by what its runtime has left on disk.

mod document;
mod host;
mod layout;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use lru::LruCache;
use rampart_model::{Container, Pod};
use rustc_hash::FxBuildHasher;

use self::{
    document::Description,
    host::Host,
    layout::{Found, find},
};
use crate::PodDirectory;

/// Most containers that are remembered. At the bound the one that was asked for longest ago is forgotten, and counted.
pub const MAX_CONTAINERS: usize = 4_096;

/// A runtime may write its document after the first process is there: how long after each vain look the next is due, at the
/// soonest. After the last the container stays as it is for as long as it is remembered.
const AGAIN_NS: [u64; 3] = [100_000_000, 1_000_000_000, 10_000_000_000];

/// Longest id that becomes part of a path.
const MAX_ID: usize = 128;

/// What became of the looks at containers' documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContainerCounters {
    /// Containers that have been described.
    pub found: u64,
    /// Containers of which no runtime says anything.
    pub missing: u64,
    /// Containers whose document cannot be read, is too large, or is none.
    pub refused: u64,
    /// Containers forgotten at [`MAX_CONTAINERS`].
    pub forgotten: u64,
}

/// Containers and what is known of them.
#[derive(Debug)]
pub(crate) struct Descriptions {
    host: Host,
    known: LruCache<Arc<str>, Entry, FxBuildHasher>,
    // None as long as no API server is listened to.
    directory: Option<Arc<PodDirectory>>,
    pub(crate) counters: ContainerCounters,
}

#[derive(Debug)]
struct Entry {
    container: Arc<Container>,
    looks: usize,
    // None when there is nothing more to be learnt.
    next_ns: Option<u64>,
    /// Of the directory in which it was last looked up.
    generation: u64,
}

impl Descriptions {
    /// `root` is where the host's file systems are.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            host: Host::new(root),
            known: LruCache::unbounded_with_hasher(FxBuildHasher),
            directory: None,
            counters: ContainerCounters::default(),
        }
    }

    /// Takes in what the API server has told of pods by now.
    pub(crate) fn learn(&mut self, directory: Arc<PodDirectory>) {
        self.directory = Some(directory);
    }

    /// The container as well as it is known at that time since boot. Looks for its document now and then, and for its pod in
    /// each new directory until that has told all.
    pub(crate) fn of(&mut self, container: Arc<Container>, now_ns: u64) -> Arc<Container> {
        let is_described = is_described(&container);
        let is_told = self.directory.is_none() || container.is_complete();
        if is_described && is_told || !is_sane(&container.id) {
            return container;
        }
        let Self { host, known, directory, counters } = self;
        if let Some(entry) = known.get_mut(&container.id) {
            entry.look(host, counters, now_ns);
            entry.complete(directory.as_deref());
            return Arc::clone(&entry.container);
        }
        // One that was described and then forgotten is not looked for again.
        let next_ns = (!is_described).then_some(0);
        let mut entry = Entry { container, looks: 0, next_ns, generation: 0 };
        entry.look(host, counters, now_ns);
        entry.complete(directory.as_deref());
        let container = Arc::clone(&entry.container);
        known.put(Arc::clone(&container.id), entry);
        if known.len() > MAX_CONTAINERS && known.pop_lru().is_some() {
            counters.forgotten += 1;
        }
        container
    }
}

impl Entry {
    fn look(&mut self, host: &Host, counters: &mut ContainerCounters, now_ns: u64) {
        if self.next_ns.is_none_or(|next_ns| now_ns < next_ns) {
            return;
        }
        let found = find(host, &self.container);
        if let Found::Document(runtime, description) = found {
            self.container = Arc::new(Container { runtime, ..described(&self.container, description) });
            self.next_ns = None;
            // By its name it may be found in its pod.
            self.generation = 0;
            counters.found += 1;
            return;
        }
        self.next_ns = AGAIN_NS.get(self.looks).map(|wait_ns| now_ns.saturating_add(*wait_ns));
        self.looks += 1;
        if self.next_ns.is_none() {
            let count = if found == Found::Nothing { &mut counters.missing } else { &mut counters.refused };
            *count += 1;
        }
    }

    fn complete(&mut self, directory: Option<&PodDirectory>) {
        let Some(directory) = directory.filter(|directory| directory.generation() != self.generation) else {
            return;
        };
        self.generation = directory.generation();
        if let Some(completed) = directory.complete(&self.container) {
            self.container = Arc::new(completed);
        }
    }
}

fn is_described(container: &Container) -> bool {
    let has_pod_name = container.pod.as_ref().is_some_and(|pod| pod.name.is_some());
    container.name.is_some() || container.image.is_some() || has_pod_name
}

fn described(container: &Container, description: Description) -> Container {
    let Description { name, name_in_pod, image, pod_name, pod_namespace, pod_uid, is_sandbox } = description;
    // What the API server has told already is no less true.
    let told = container.pod.clone().unwrap_or_default();
    // Whoever makes an image or starts a container by hand chooses its labels: they make no pod of it.
    let pod = told.uid.or(pod_uid).map(|uid| Pod {
        uid: Some(uid),
        name: told.name.or(pod_name),
        namespace: told.namespace.or(pod_namespace),
        details: told.details,
    });
    let is_sandbox = is_sandbox && pod.is_some();
    let name = name_in_pod.filter(|_| pod.is_some()).or(name).or_else(|| container.name.clone());
    let image = image.or_else(|| container.image.clone());
    Container { name, image, pod, is_sandbox, ..container.clone() }
}

/// Whether an id can be part of a path: runtimes have hexadecimal ones, people choose names.
fn is_sane(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    id.len() <= MAX_ID
        && id.bytes().all(is_plain)
        && id.starts_with(|first: char| first.is_ascii_alphanumeric())
}
