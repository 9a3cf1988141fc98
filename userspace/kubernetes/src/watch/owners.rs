//! Who made what made a pod.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};

use lru::LruCache;
use rampart_model::Workload;
use tokio::time::Instant;

use super::WatchState;
use crate::{
    labels,
    pause::Pause,
    wire::{List, OwnerReference, Part},
};

mod lookup;

pub(super) use lookup::{Answer, Kind, Question, look_up};

/// Owners whose own owners are remembered.
const KNOWN: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// Longest chain of owners: that of real ones is two.
const CHAIN: usize = 4;

/// Pauses between attempts to find an owner.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What controls a thing, in its own words: whoever made the thing has chosen them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    /// `apps` of `apps/v1`; empty for the core group.
    pub(super) group: Arc<str>,
    pub(super) kind: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) uid: Arc<str>,
}

impl Owner {
    /// The controller among references to owners; none where there is none, or it is not whole.
    pub(super) fn controller<const MOST: usize>(owners: &List<Part<OwnerReference>, MOST>) -> Option<Self> {
        let owner = &owners.items.iter().find(|owner| owner.0.controller.0)?.0;
        let group = owner.api_version.whole()?.rsplit_once('/').map_or("", |(group, _)| group);
        Some(Self {
            group: group.into(),
            kind: owner.kind.whole()?.into(),
            name: owner.name.whole()?.into(),
            uid: owner.uid.whole()?.into(),
        })
    }

    fn workload(&self) -> Workload {
        Workload { kind: Arc::clone(&self.kind), name: Arc::clone(&self.name) }
    }
}

/// How far a chain of owners is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// The last of it that is known.
    pub(super) workload: Workload,
    /// The UID of the owner that must be looked up to know more.
    pub(super) waits_for: Option<Arc<str>>,
    /// It was looked up already, in vain.
    pub(super) is_overdue: bool,
}

/// The owners that are known, and those that are to be looked up.
#[derive(Debug)]
pub(super) struct Owners {
    /// The owner of each; none for those that nobody made, or that are gone.
    known: LruCache<Arc<str>, Option<Owner>>,
    /// By the UID of the owner: as many as pods wait for.
    asked: BTreeMap<Arc<str>, Asked>,
    state: Arc<WatchState>,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    pause: Pause,
    has_failed: bool,
    /// When to look; none while that is under way.
    due: Option<Instant>,
}

impl Owners {
    pub(super) fn new(state: Arc<WatchState>) -> Self {
        Self { known: LruCache::new(KNOWN), asked: BTreeMap::new(), state }
    }

    /// The chain from an owner on, in that namespace. Asks for what is not known.
    pub(super) fn chain(&mut self, namespace: &str, owner: &Owner, now: Instant) -> Chain {
        let mut last = owner.clone();
        for _ in 0..CHAIN {
            let Some(kind) = Kind::of(&last) else { break };
            match self.known.get(&last.uid) {
                Some(Some(next)) => last = next.clone(),
                Some(None) => break,
                None if !labels::is_subdomain(&last.name) || !labels::is_subdomain(namespace) => {
                    // It goes into the address of a question that is asked with our rights.
                    self.state.add_refused(1);
                    break;
                }
                None => return self.open(kind, namespace, &last, now),
            }
        }
        Chain { workload: last.workload(), waits_for: None, is_overdue: false }
    }

    fn open(&mut self, kind: Kind, namespace: &str, last: &Owner, now: Instant) -> Chain {
        let asked = self.asked.entry(Arc::clone(&last.uid)).or_insert_with(|| Asked {
            question: Question {
                kind,
                namespace: namespace.into(),
                name: Arc::clone(&last.name),
                uid: Arc::clone(&last.uid),
            },
            pause: Pause::new(FIRST_PAUSE, LONGEST_PAUSE),
            has_failed: false,
            due: Some(now),
        });
        let waits_for = Some(Arc::clone(&last.uid));
        Chain { workload: last.workload(), waits_for, is_overdue: asked.has_failed }
    }

    /// When the next one is to be looked up.
    pub(super) fn due(&self) -> Option<Instant> {
        self.asked.values().filter_map(|asked| asked.due).min()
    }

    /// One that is to be looked up now.
    pub(super) fn question(&mut self, now: Instant) -> Option<Question> {
        let asked = self.asked.values_mut().find(|asked| asked.due.is_some_and(|due| due <= now))?;
        asked.due = None;
        Some(asked.question.clone())
    }

    /// Takes what a look has shown.
    pub(super) fn learn(&mut self, answer: Answer, now: Instant) {
        let Question { kind, uid, .. } = answer.question;
        match answer.owner {
            Ok(owner) => {
                self.state.add_owner_found(kind.resource());
                self.remember(uid, owner);
            }
            Err(error) if lookup::is_gone(&error) => {
                self.state.add_owner_gone(kind.resource());
                self.remember(uid, None);
            }
            Err(error) => {
                let Some(asked) = self.asked.get_mut(&uid) else {
                    self.state.add_owner_unknown();
                    return;
                };
                self.state.add_owner_failed(kind.resource(), &error);
                asked.has_failed = true;
                asked.due = Some(now + asked.pause.next());
            }
        }
    }

    fn remember(&mut self, uid: Arc<str>, owner: Option<Owner>) {
        self.asked.remove(&uid);
        self.known.put(uid, owner);
    }

    /// Gives up those that nobody waits for any more.
    pub(super) fn keep(&mut self, waited_for: &BTreeSet<Arc<str>>) {
        self.asked.retain(|uid, _| waited_for.contains(uid));
        let kinds = self.asked.values().map(|asked| asked.question.kind.resource()).collect();
        self.state.keep_owner_trouble(&kinds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KubernetesError;

    fn owner(group: &str, kind: &str, name: &str) -> Owner {
        Owner { group: group.into(), kind: kind.into(), name: name.into(), uid: format!("uid-{name}").into() }
    }

    fn not_now(question: &Question) -> KubernetesError {
        KubernetesError::Silent { errand: question.errand(), seconds: 1 }
    }

    #[tokio::test(start_paused = true)]
    async fn only_replica_sets_and_jobs_are_followed_and_only_where_that_is_safe() {
        for (group, kind, name, waits) in [
            ("apps", "ReplicaSet", "web-5d", true),
            ("batch", "Job", "backup-1", true),
            ("apps", "DaemonSet", "proxy", false),
            ("", "Node", "node-1", false),
            ("", "ReplicationController", "old", false),
            ("example.com", "ReplicaSet", "web", false),
            ("apps", "ReplicaSet", "../../secrets/a", false),
            ("apps", "ReplicaSet", "a?b", false),
            ("apps", "ReplicaSet", "", false),
        ] {
            let mut owners = Owners::new(Arc::default());
            let chain = owners.chain("shop", &owner(group, kind, name), Instant::now());
            assert_eq!(chain.waits_for.is_some(), waits, "{kind} {name}");
            assert_eq!((&*chain.workload.kind, &*chain.workload.name), (kind, name));
            assert_eq!(owners.question(Instant::now()).is_some(), waits, "{kind} {name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_chain_goes_on_when_its_owner_is_found_and_has_an_end() {
        let mut owners = Owners::new(Arc::default());
        let set = owner("apps", "ReplicaSet", "web");
        owners.chain("shop", &set, Instant::now());
        let question = owners.question(Instant::now()).unwrap();
        assert!(owners.question(Instant::now()).is_none(), "it is asked once");
        owners.learn(Answer { owner: Err(not_now(&question)), question: question.clone() }, Instant::now());
        let chain = owners.chain("shop", &set, Instant::now());
        assert!(chain.is_overdue && owners.question(Instant::now()).is_none(), "there is a pause");
        let due = owners.due().unwrap();
        let question = owners.question(due).unwrap();
        // One that owns itself.
        owners.learn(Answer { owner: Ok(Some(set.clone())), question }, due);
        let chain = owners.chain("shop", &set, due);
        assert_eq!((chain.waits_for, &*chain.workload.name), (None, "web"));
        assert_eq!((owners.state.owners_found(), owners.state.owners_failed()), (1, 1));
        assert_eq!(owners.due(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_ends_when_there_is_an_answer_or_nobody_asks() {
        type Then = fn(&mut Owners, Question);
        let cases: [(&str, Then, bool); 6] = [
            ("nothing", |_, _| (), true),
            ("still asked", |owners, question| owners.keep(&BTreeSet::from([question.uid])), true),
            ("not asked any more", |owners, _| owners.keep(&BTreeSet::new()), false),
            ("found", |owners, question| tell(owners, question, Ok(None)), false),
            (
                "gone",
                |owners, question| {
                    let (errand, says) = (question.errand(), String::new());
                    tell(owners, question, Err(KubernetesError::Status { errand, code: 404, says }));
                },
                false,
            ),
            (
                "fails when nobody asks",
                |owners, question| {
                    owners.keep(&BTreeSet::new());
                    let error = not_now(&question);
                    tell(owners, question, Err(error));
                },
                false,
            ),
        ];
        for (name, then, is_trouble) in cases {
            let mut owners = Owners::new(Arc::default());
            owners.chain("shop", &owner("batch", "Job", "backup-1"), Instant::now());
            let question = owners.question(Instant::now()).unwrap();
            let error = not_now(&question);
            tell(&mut owners, question.clone(), Err(error));
            assert!(owners.state.owner_trouble().is_some(), "{name}");
            then(&mut owners, question);
            assert_eq!(owners.state.owner_trouble().is_some(), is_trouble, "{name}");
        }
    }

    fn tell(owners: &mut Owners, question: Question, owner: Result<Option<Owner>, KubernetesError>) {
        owners.learn(Answer { question, owner }, Instant::now());
    }
}
