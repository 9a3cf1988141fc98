//! From documents of all files to one set: who is called what, who refers to whom.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{Load, order};
use crate::{
    Correlation, Exception, Fault, Origin, Place, Rule, RuleSet,
    correlation::{self, CorrelationDraft},
    exception::ExceptionDraft,
    index::{Index, Known, State},
    reader::{Reader, short},
    rule::{Identity, Unsaid},
};

/// A document that is read, good or not.
pub(super) struct Document {
    pub(super) origin: Origin,
    /// What others may refer to it by, even if it is not good.
    pub(super) identity: Identity,
    pub(super) faults: Vec<(Place, Fault)>,
    pub(super) unsaid: Unsaid,
    /// Of a correlation, what it feeds on and whether that raises findings all the same.
    pub(super) feeds: Option<(Vec<Arc<str>>, bool)>,
    /// None where a fault left nothing.
    pub(super) draft: Option<Draft>,
}

/// What a document is.
pub(super) enum Draft {
    Rule(Rule),
    Correlation(Box<CorrelationDraft>),
    Exception(ExceptionDraft),
}

impl Draft {
    fn identity(&self) -> Identity {
        match self {
            Self::Rule(rule) => {
                Identity { id: Some(Arc::clone(&rule.reference.id)), name: rule.name.clone() }
            }
            Self::Correlation(draft) => draft.identity(),
            Self::Exception(draft) => draft.identity(),
        }
    }
}

/// What is good of all documents.
#[derive(Default)]
pub(super) struct Assembly {
    pub(super) rules: Vec<Rule>,
    pub(super) correlations: Vec<Correlation>,
    pub(super) exceptions: Vec<Exception>,
}

impl Assembly {
    pub(super) fn into_set(self) -> RuleSet {
        RuleSet::new(self.rules, self.correlations, self.exceptions)
    }
}

/// Puts documents together, in the order of their files.
pub(super) fn assemble(load: &mut Load, documents: Vec<Document>) -> Assembly {
    let silence = Silence::of(&documents);
    let mut index = Index::default();
    let mut assembly = Assembly::default();
    let mut correlations = Vec::new();
    let mut exceptions = Vec::new();
    for document in documents {
        let (origin, identity) = (document.origin.clone(), document.identity.clone());
        let silent = silence.holds(&identity);
        let Some(draft) = accept(load, document, silent) else {
            index.refuse(&identity, &origin);
            continue;
        };
        let identity = draft.identity();
        let state = match &draft {
            Draft::Rule(rule) => State::Good(known(rule)),
            Draft::Correlation(_) => State::Pending(correlations.len()),
            Draft::Exception(_) => State::Exception,
        };
        if let Err(fault) = index.claim(&identity, &origin, &state) {
            load.note(&origin.file, origin.place, fault);
            index.refuse(&identity, &origin);
            continue;
        }
        match draft {
            Draft::Rule(rule) => assembly.rules.push(Rule { silent, ..rule }),
            Draft::Correlation(draft) => correlations.push(CorrelationDraft { silent, ..*draft }),
            Draft::Exception(draft) => exceptions.push(draft),
        }
    }
    assembly.correlations = resolve_correlations(load, &mut index, correlations);
    for draft in exceptions {
        let (file, mut reader) = (Arc::clone(&draft.exception.origin.file), Reader::default());
        let exception = draft.resolve(&mut reader, &index);
        assembly.exceptions.extend(load.accept(&file, reader.into_faults(), exception));
    }
    assembly
}

/// Notes what is wrong with a document, and gives it back if it may stay.
fn accept(load: &mut Load, document: Document, silent: bool) -> Option<Draft> {
    let mut faults = document.faults;
    if !silent {
        faults.extend(document.unsaid);
    }
    load.accept(&document.origin.file, faults, document.draft)
}

fn known(rule: &Rule) -> Known {
    Known {
        id: Arc::clone(&rule.reference.id),
        severity: rule.reference.severity,
        category: Some(rule.category),
        depth: 0,
    }
}

/// Every correlation behind those that it refers to, and else in the order of the files.
fn resolve_correlations(
    load: &mut Load,
    index: &mut Index,
    drafts: Vec<CorrelationDraft>,
) -> Vec<Correlation> {
    let needs: Vec<BTreeSet<usize>> = drafts
        .iter()
        .map(|draft| draft.references.iter().filter_map(|reference| index.pending(reference)).collect())
        .collect();
    let order = order::of(&needs);
    let mut drafts: BTreeMap<usize, CorrelationDraft> = drafts.into_iter().enumerate().collect();
    let mut correlations = Vec::with_capacity(drafts.len());
    for number in order.good.into_iter().chain(order.circular.iter().copied()).chain(order.behind_circles) {
        let Some(draft) = drafts.remove(&number) else { continue };
        let (identity, origin, mut reader) = (draft.identity(), draft.origin.clone(), Reader::default());
        let resolved = if order.circular.contains(&number) {
            let back = draft.references.iter().find(|reference| {
                index.pending(reference).is_some_and(|number| order.circular.contains(&number))
            });
            // The others of the circle are still pending, so one of them is found.
            if let Some(back) = back {
                reader.note(back.place, Fault::Cycle(short(&back.key)));
            }
            None
        } else {
            correlation::resolve(&mut reader, index, draft)
        };
        let state = match load.accept(&origin.file, reader.into_faults(), resolved) {
            Some((correlation, known)) => {
                correlations.push(correlation);
                State::Good(known)
            }
            // Those in a circle are told of the circle, each of them.
            None if order.circular.contains(&number) => continue,
            None => State::Refused,
        };
        index.settle(&identity, &origin, &state);
    }
    correlations
}

/// Which documents raise no finding by themselves: those that correlations feed on, if none of them says otherwise.
struct Silence(HashMap<Arc<str>, bool>);

impl Silence {
    fn of(documents: &[Document]) -> Self {
        let mut silent = HashMap::new();
        for (keys, generate) in documents.iter().filter_map(|document| document.feeds.as_ref()) {
            for key in keys {
                let silent = silent.entry(Arc::clone(key)).or_insert(true);
                *silent &= !generate;
            }
        }
        Self(silent)
    }

    fn holds(&self, identity: &Identity) -> bool {
        let mut said = identity.keys().filter_map(|key| self.0.get(key)).peekable();
        said.peek().is_some() && said.all(|silent| *silent)
    }
}
