//! What becomes of a pod of the API's.

use std::{collections::BTreeMap, sync::Arc};

use rampart_model::{ContainerRecord, Label, PodDetails, PodRecord};

use super::{
    WatchState,
    digest::{container_id, image_digest, is_hexadecimal},
    owners::Owner,
};
use crate::{
    LabelChoice,
    labels::LABELS,
    wire::{ContainerStatus, Pod, TEXT, Text},
};

/// Most containers of a pod, of all kinds together.
const CONTAINERS: usize = 256;

/// What is kept before a shared text, in bytes: two counters.
const COUNTERS: usize = 2 * size_of::<usize>();

/// A pod, and what controls it.
#[derive(Debug)]
pub(super) struct Seen {
    /// Without its workload.
    pub(super) record: PodRecord,
    pub(super) owner: Option<Owner>,
}

impl Seen {
    /// What it takes to know the pod, in bytes. Where it has an owner there is room in it for the longest workload.
    pub(super) fn cost(&self) -> usize {
        let PodRecord { uid, config_hash, name, namespace, details, containers } = &self.record;
        let account = details.service_account.as_ref();
        let of_pod = [Some(uid), config_hash.as_ref(), Some(name), Some(namespace), account];
        let of_labels = details.labels.iter().flat_map(|label| [&label.name, &label.value]).map(Some);
        let of_containers = containers.iter().flat_map(|container| {
            let ContainerRecord { name, image, id, last_id, digest } = container;
            [Some(name), Some(image), id.as_ref(), last_id.as_ref(), digest.as_ref()]
        });
        let of_owner = self.owner.iter().flat_map(|owner| {
            let Owner { group, kind, name, uid } = owner;
            [group, kind, name, uid].map(Some)
        });
        let texts = of_pod.into_iter().chain(of_labels).chain(of_containers).chain(of_owner).flatten();
        let texts: usize = texts.map(|text| COUNTERS + text.len()).sum();
        let parts = size_of::<Self>()
            + size_of::<PodDetails>()
            + size_of_val::<[Label]>(&details.labels)
            + size_of_val::<[ContainerRecord]>(containers);
        let workload = if self.owner.is_some() { 2 * TEXT } else { 0 };
        parts + texts + workload
    }
}

/// Takes what is wanted of a pod; nothing of one that has no identity. What is left out is counted.
pub(super) fn read(pod: &Pod, choice: &LabelChoice, state: &WatchState) -> Option<Seen> {
    let metadata = &pod.metadata.0;
    let identity = (metadata.uid.whole(), metadata.name.whole(), metadata.namespace.whole());
    let (Some(uid), Some(name), Some(namespace)) = identity else {
        state.add_refused(1);
        return None;
    };
    let owner = Owner::controller(&metadata.owner_references);
    let service_account = pod.spec.0.service_account_name.whole().map(Arc::from);
    let details = PodDetails { labels: labels(pod, choice, state), service_account, ..PodDetails::default() };
    let record = PodRecord {
        uid: uid.into(),
        config_hash: config_hash(pod, owner.as_ref()).map(Arc::from),
        name: name.into(),
        namespace: namespace.into(),
        details: Arc::new(details),
        containers: containers(pod, state),
    };
    Some(Seen { record, owner })
}

/// The UID that a kubelet has given to a static pod. Anybody who may make pods may write the annotation: so it counts only for what
/// is a mirror in every respect, and has the form of a hash, which the UID of no other pod has.
fn config_hash<'a>(pod: &'a Pod, owner: Option<&Owner>) -> Option<&'a str> {
    let annotations = &pod.metadata.0.annotations.0;
    let hash = annotations.config_hash.whole()?;
    let is_mirror = annotations.config_mirror.whole() == Some(hash)
        && owner.is_some_and(|owner| owner.group.is_empty() && &*owner.kind == "Node");
    (is_mirror && hash.len() == 32 && is_hexadecimal(hash, 32)).then_some(hash)
}

fn labels(pod: &Pod, choice: &LabelChoice, state: &WatchState) -> Box<[Label]> {
    let all = &pod.metadata.0.labels;
    let chosen = all.entries.iter().filter(|(name, _)| name.whole().is_some_and(|name| choice.has(name)));
    let mut labels: Vec<Label> =
        chosen.map(|(name, value)| Label { name: (&*name.text).into(), value: cut(value, state) }).collect();
    labels.sort_unstable();
    state.add_cut(labels.len().saturating_sub(LABELS) as u64 + all.more);
    labels.truncate(LABELS);
    labels.into()
}

fn containers(pod: &Pod, state: &WatchState) -> Box<[ContainerRecord]> {
    let (spec, status) = (&pod.spec.0, &pod.status.0);
    let statuses: BTreeMap<&str, &ContainerStatus> =
        [&status.init_containers, &status.containers, &status.ephemeral_containers]
            .into_iter()
            .flat_map(|list| &list.items)
            .map(|status| (&*status.0.name.text, &status.0))
            .collect();
    let lists = [&spec.init_containers, &spec.containers, &spec.ephemeral_containers];
    let all = lists.into_iter().flat_map(|list| &list.items);
    let mut containers = Vec::new();
    let mut left_out: u64 = lists.into_iter().map(|list| list.more).sum();
    for container in all {
        let Some(name) = container.0.name.whole() else {
            state.add_refused(1);
            continue;
        };
        if containers.len() == CONTAINERS {
            left_out += 1;
            continue;
        }
        let image = cut(&container.0.image, state);
        containers.push(record(name, image, statuses.get(name).copied(), state));
    }
    state.add_cut(left_out);
    containers.into()
}

fn record(
    name: &str,
    image: Arc<str>,
    status: Option<&ContainerStatus>,
    state: &WatchState,
) -> ContainerRecord {
    let id_of = |text: &Text| known(text, |text| container_id(text).map(Arc::from), state);
    let id = status.and_then(|status| id_of(&status.container_id));
    let last_id = status.and_then(|status| id_of(&status.last_state.0.terminated.0.container_id));
    let digest =
        |status: &ContainerStatus| known(&status.image_id, |text| image_digest(text).map(Arc::from), state);
    ContainerRecord {
        name: name.into(),
        image,
        digest: status.and_then(digest),
        // A container that has ended and not begun again has the same in both.
        last_id: last_id.filter(|last| id.as_ref() != Some(last)),
        id,
    }
}

/// What is made of a text, if there is one. One that nothing can be made of is counted.
fn known(text: &Text, make: impl Fn(&str) -> Option<Arc<str>>, state: &WatchState) -> Option<Arc<str>> {
    if text.text.is_empty() {
        return None;
    }
    let known = text.whole().and_then(make);
    if known.is_none() {
        state.add_refused(1);
    }
    known
}

fn cut(text: &Text, state: &WatchState) -> Arc<str> {
    state.add_cut(text.is_cut.into());
    (&*text.text).into()
}

#[cfg(test)]
mod tests;
