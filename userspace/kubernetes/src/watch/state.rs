use std::{
    collections::{BTreeMap, BTreeSet},
    mem::{Discriminant, discriminant},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::KubernetesError;

/// What a [`PodWatch`](crate::PodWatch) has heard, and how it is now.
#[derive(Debug, Default)]
pub struct WatchState {
    is_watching: AtomicBool,
    has_listed: AtomicBool,
    events: AtomicU64,
    lists: AtomicU64,
    errors: AtomicU64,
    owners_found: AtomicU64,
    owners_failed: AtomicU64,
    cut: AtomicU64,
    refused: AtomicU64,
    pods: AtomicU64,
    trouble: Mutex<Option<Trouble>>,
    /// By resource.
    owner_trouble: Mutex<BTreeMap<&'static str, Trouble>>,
}

/// What goes wrong. It is worth a line in the log when its kind is another one.
#[derive(Debug)]
struct Trouble {
    kind: Discriminant<KubernetesError>,
    text: Arc<str>,
}

impl Trouble {
    fn new(error: &KubernetesError) -> Self {
        Self { kind: discriminant(error), text: error.to_string().into() }
    }
}

impl WatchState {
    /// Whether the API server tells of changes now.
    pub fn is_watching(&self) -> bool {
        self.is_watching.load(Ordering::Acquire)
    }

    /// Whether all pods have been told once.
    pub fn has_listed(&self) -> bool {
        self.has_listed.load(Ordering::Acquire)
    }

    /// Pods that are known.
    pub fn pods(&self) -> u64 {
        self.pods.load(Ordering::Relaxed)
    }

    /// Whether all pods have been told, and there is none: no node of that name is in the cluster, for on each there is a pod, be it
    /// only the agent's own.
    pub fn has_no_pods(&self) -> bool {
        self.has_listed() && self.pods() == 0
    }

    /// Changes of pods that the API server has told of, without those in lists.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Complete lists of all pods: one at the start, and one whenever the API server could not tell what has changed.
    pub fn lists(&self) -> u64 {
        self.lists.load(Ordering::Relaxed)
    }

    /// Lists and watches that have failed.
    pub fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    /// Owners of pods that were looked up and found.
    pub fn owners_found(&self) -> u64 {
        self.owners_found.load(Ordering::Relaxed)
    }

    /// Owners of pods that were looked up in vain. Each is looked up again, but for those that are gone.
    pub fn owners_failed(&self) -> u64 {
        self.owners_failed.load(Ordering::Relaxed)
    }

    /// Texts that were cut at 512 bytes, and containers and labels beyond their bounds (256 and 32 a pod).
    pub fn cut(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }

    /// What makes no sense, or is beyond the bound: pods without an identity, beyond 4,096 or beyond 32 MiB, ids of
    /// containers and images, names of owners.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Why nothing is heard of pods now, and what to do; none while all is well.
    pub fn trouble(&self) -> Option<Arc<str>> {
        lock(&self.trouble).as_ref().map(|trouble| Arc::clone(&trouble.text))
    }

    /// Why pods' owners were not found the last time that one was looked up, and what to do. Pods are told of all the same.
    pub fn owner_trouble(&self) -> Option<Arc<str>> {
        lock(&self.owner_trouble).values().next().map(|trouble| Arc::clone(&trouble.text))
    }

    pub(super) fn add_event(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_cut(&self, count: u64) {
        self.cut.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn add_refused(&self, count: u64) {
        self.refused.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn set_pods(&self, count: usize) {
        self.pods.store(count as u64, Ordering::Relaxed);
    }

    pub(super) fn add_list(&self) {
        self.lists.fetch_add(1, Ordering::Relaxed);
        self.has_listed.store(true, Ordering::Release);
    }

    /// The API server tells of changes from now on.
    pub(super) fn begin(&self) {
        self.is_watching.store(true, Ordering::Release);
        if lock(&self.trouble).take().is_some() {
            tracing::info!("pods are heard of again");
        }
    }

    /// It does not.
    pub(super) fn add_error(&self, error: &KubernetesError) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        self.is_watching.store(false, Ordering::Release);
        let trouble = Trouble::new(error);
        let kind = trouble.kind;
        if lock(&self.trouble).replace(trouble).is_none_or(|before| before.kind != kind) {
            tracing::warn!(%error, "nothing is heard of pods: findings go without what the API server knows of new ones");
        }
    }

    pub(super) fn add_owner_found(&self, resource: &'static str) {
        self.owners_found.fetch_add(1, Ordering::Relaxed);
        lock(&self.owner_trouble).remove(resource);
    }

    /// An owner was looked up in vain.
    pub(super) fn add_owner_failed(&self, resource: &'static str, error: &KubernetesError) {
        self.add_owner_unknown();
        let trouble = Trouble::new(error);
        let kind = trouble.kind;
        if lock(&self.owner_trouble).insert(resource, trouble).is_none_or(|before| before.kind != kind) {
            tracing::warn!(%error, "owners of pods are not known: findings name them by a ReplicaSet or a Job instead");
        }
    }

    /// An owner that was looked up is no more, which is an answer and no trouble.
    pub(super) fn add_owner_gone(&self, resource: &'static str) {
        self.add_owner_unknown();
        lock(&self.owner_trouble).remove(resource);
    }

    /// An owner was looked up in vain, and nobody asks for it any more.
    pub(super) fn add_owner_unknown(&self) {
        self.owners_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Owners of these kinds are still asked for: with others there is no trouble any more.
    pub(super) fn keep_owner_trouble(&self, asked: &BTreeSet<&'static str>) {
        lock(&self.owner_trouble).retain(|resource, _| asked.contains(resource));
    }
}

fn lock<T>(trouble: &Mutex<T>) -> MutexGuard<'_, T> {
    trouble.lock().unwrap_or_else(PoisonError::into_inner)
}
