//! Who is called what, over all files: what references are looked up in.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use rampart_model::{Category, Severity};

use crate::{
    Fault, Origin,
    reader::{Reader, short},
    reference::Reference,
    rule::Identity,
};

/// What those that refer to a rule or correlation must know of it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) id: Arc<str>,
    pub(crate) severity: Severity,
    /// Of a rule, its own; of a correlation, that of the first rule that it comes down to.
    pub(crate) category: Option<Category>,
    /// On how many correlations it stands, itself included; none for a rule.
    pub(crate) depth: usize,
}

/// What has become of a document.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// It can be referred to.
    Good(Known),
    /// A correlation of that number, whose references are not looked up yet.
    Pending(usize),
    /// An exception: nothing refers to it.
    Exception,
    /// It is there, and not in force.
    Refused,
}

#[derive(Debug)]
struct Slot {
    origin: Origin,
    state: State,
}

/// Every id and name.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: HashMap<Arc<str>, Slot>,
    // By how they look, for what is nearly right.
    alike: HashMap<String, Arc<str>>,
}

impl Index {
    /// Gives a document its id and name.
    ///
    /// # Errors
    /// [`Fault::DuplicateId`] or [`Fault::DuplicateName`] where one of them is another's that is in force.
    pub(crate) fn claim(&mut self, identity: &Identity, origin: &Origin, state: &State) -> Result<(), Fault> {
        for key in identity.keys() {
            let taken = self.slots.get(key).filter(|slot| !matches!(slot.state, State::Refused));
            let Some(first) = taken.map(|slot| slot.origin.to_string()) else { continue };
            let named = identity.name.as_ref() == Some(key);
            return Err(if named {
                Fault::DuplicateName { name: short(key), first }
            } else {
                Fault::DuplicateId { id: short(key), first }
            });
        }
        self.settle(identity, origin, state);
        Ok(())
    }

    /// Says what has become of a document that has its id and name.
    pub(crate) fn settle(&mut self, identity: &Identity, origin: &Origin, state: &State) {
        for key in identity.keys() {
            self.alike.insert(fold(key), Arc::clone(key));
            self.slots.insert(Arc::clone(key), Slot { origin: origin.clone(), state: state.clone() });
        }
    }

    /// Keeps in mind that a document was refused; another that has its id or name keeps that.
    pub(crate) fn refuse(&mut self, identity: &Identity, origin: &Origin) {
        for key in identity.keys() {
            if let Entry::Vacant(entry) = self.slots.entry(Arc::clone(key)) {
                entry.insert(Slot { origin: origin.clone(), state: State::Refused });
            }
        }
    }

    /// The number of the correlation that a reference is to, while that waits for its own references.
    pub(crate) fn pending(&self, reference: &Reference) -> Option<usize> {
        match self.slots.get(&reference.key)?.state {
            State::Pending(number) => Some(number),
            State::Good(_) | State::Exception | State::Refused => None,
        }
    }

    /// What a reference is to; what is wrong with it is noted.
    pub(crate) fn find(&self, reader: &mut Reader, reference: &Reference) -> Option<&Known> {
        let name = short(&reference.key);
        let fault = match self.slots.get(&reference.key) {
            Some(Slot { state: State::Good(known), .. }) => return Some(known),
            Some(Slot { state: State::Pending(_) | State::Refused, origin }) => {
                Fault::RefusedRule { name, origin: origin.to_string() }
            }
            Some(Slot { state: State::Exception, .. }) | None => {
                let suggestion = self.alike.get(&fold(&reference.key)).filter(|key| **key != reference.key);
                Fault::UnknownRule { name, suggestion: suggestion.map(|key| short(key)) }
            }
        };
        reader.note(reference.place, fault);
        None
    }

    /// What a reference is to, if it is to anything good.
    pub(crate) fn known(&self, key: &str) -> Option<&Known> {
        match &self.slots.get(key)?.state {
            State::Good(known) => Some(known),
            State::Pending(_) | State::Exception | State::Refused => None,
        }
    }
}

/// A name without what is easily mistaken in it.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
