use std::sync::Arc;

use rampart_model::{Container, ContainerRecord, Pod, PodRecord};
use rustc_hash::{FxHashMap, FxHashSet};

/// What the API server had told of this node's pods at one moment.
///
/// It never changes: whoever has one looks into it without a lock.
#[derive(Debug, Default)]
pub struct PodDirectory {
    generation: u64,
    by_uid: FxHashMap<Arc<str>, Arc<PodRecord>>,
    // Of those, which are there no more.
    gone: FxHashSet<Arc<str>>,
    // The kubelet makes a static pod's mirror in the API anew, with another UID, and anybody can write an annotation.
    by_config_hash: FxHashMap<Arc<str>, Vec<Arc<PodRecord>>>,
    by_container: FxHashMap<Arc<str>, Arc<PodRecord>>,
}

impl PodDirectory {
    /// Of the pods that there are, and of those that have gone, the first first.
    pub(super) fn new<'p>(
        generation: u64,
        present: impl Iterator<Item = &'p Arc<PodRecord>>,
        gone: impl DoubleEndedIterator<Item = &'p Arc<PodRecord>>,
    ) -> Self {
        let mut directory = Self { generation, ..Self::default() };
        // What is there counts before what has gone, and what went last before what went first.
        for record in present {
            directory.add(record);
        }
        for record in gone.rev() {
            if !directory.by_uid.contains_key(&record.uid) {
                directory.gone.insert(Arc::clone(&record.uid));
            }
            directory.add(record);
        }
        directory
    }

    fn add(&mut self, record: &Arc<PodRecord>) {
        self.by_uid.entry(Arc::clone(&record.uid)).or_insert_with(|| Arc::clone(record));
        if let Some(hash) = &record.config_hash {
            self.by_config_hash.entry(Arc::clone(hash)).or_default().push(Arc::clone(record));
        }
        for container in &record.containers {
            for id in [&container.id, &container.last_id].into_iter().flatten() {
                self.by_container.entry(Arc::clone(id)).or_insert_with(|| Arc::clone(record));
            }
        }
    }

    /// Grows with every directory that says something else; 0 where nothing has been told yet.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The container with what is known of it and its pod; none where that is no more than it says itself.
    ///
    /// Its own container is found in the pod by its id, and until the API server knows that by its name. Only the id tells
    /// the digest: an image may have been replaced between two runs of one name. What is found by the id is what the kubelet made
    /// of the pod, and counts before the runtime's document, in which others may write.
    #[must_use]
    pub fn complete(&self, container: &Container) -> Option<Container> {
        if container.is_in_pod() && container.is_complete() {
            return None;
        }
        let record = self.pod_of(container)?;
        let by_id = by_id(record, container);
        let own = by_id.or_else(|| by_name(record, container));
        let told = own.map(|own| (Arc::clone(&own.name), Arc::clone(&own.image))).unzip();
        let written = (container.name.clone(), container.image.clone());
        let (first, second) = if by_id.is_some() { (told, written) } else { (written, told) };
        let completed = Container {
            name: first.0.or(second.0),
            image: first.1.or(second.1),
            image_digest: container.image_digest.clone().or_else(|| by_id?.digest.clone()),
            pod: Some(Pod {
                uid: Some(Arc::clone(&record.uid)),
                name: Some(Arc::clone(&record.name)),
                namespace: Some(Arc::clone(&record.namespace)),
                details: Some(Arc::clone(&record.details)),
            }),
            ..container.clone()
        };
        (completed != *container).then_some(completed)
    }

    /// The cgroup's word on which pod it is counts before a container's status, which more people may write.
    fn pod_of(&self, container: &Container) -> Option<&Arc<PodRecord>> {
        let Some(pod) = &container.pod else { return self.by_container.get(&container.id) };
        let Some(uid) = &pod.uid else { return self.by_container.get(&container.id) };
        match self.by_uid.get(uid) {
            Some(gone) if self.gone.contains(uid) => self.made_anew(container, pod).or(Some(gone)),
            Some(record) => Some(record),
            None => self
                .by_config_hash
                .get(uid)
                .and_then(|candidates| static_pod(candidates, pod))
                .or_else(|| self.made_anew(container, pod)),
        }
    }

    /// The mirror of a static pod that has been made anew since the container was found in the one before, whose UID it has kept.
    fn made_anew(&self, container: &Container, pod: &Pod) -> Option<&Arc<PodRecord>> {
        let is_same = |record: &PodRecord| {
            let names = (Some(&record.namespace), Some(&record.name));
            record.config_hash.is_some() && names == (pod.namespace.as_ref(), pod.name.as_ref())
        };
        self.by_container.get(&container.id).filter(|record| is_same(record))
    }
}

/// The static pod among those that say to be it: the one that has the names by which its runtime knows it. Where the runtime
/// has told none, all must have the same.
fn static_pod<'r>(candidates: &'r [Arc<PodRecord>], pod: &Pod) -> Option<&'r Arc<PodRecord>> {
    let names = |record: &'r Arc<PodRecord>| (&*record.namespace, &*record.name);
    if let (Some(namespace), Some(name)) = (&pod.namespace, &pod.name) {
        return candidates.iter().find(|record| names(record) == (&**namespace, &**name));
    }
    let (first, others) = candidates.split_first()?;
    others.iter().all(|other| names(other) == names(first)).then_some(first)
}

/// What the pod says of the container. A last run has what the present one has, unless the image's tag has been moved meanwhile:
/// the API server tells no other.
fn by_id<'r>(record: &'r PodRecord, container: &Container) -> Option<&'r ContainerRecord> {
    let is = |id: &Option<Arc<str>>| id.as_ref() == Some(&container.id);
    record.containers.iter().find(|one| is(&one.id) || is(&one.last_id))
}

fn by_name<'r>(record: &'r PodRecord, container: &Container) -> Option<&'r ContainerRecord> {
    let name = container.name.as_ref().filter(|_| !container.is_sandbox)?;
    record.containers.iter().find(|one| one.name == *name)
}
