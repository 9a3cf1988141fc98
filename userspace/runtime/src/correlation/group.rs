use std::hash::{BuildHasher as _, RandomState};

use lru::LruCache;
use rampart_model::Field;

use super::{Forgotten, GROUPS, MATCHES, window::Window};
use crate::{Fields, engine::View};

/// Longest value of a group that is kept as it is, in bytes.
const VALUE: usize = 256;

/// What the matches of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(Box<[Option<Box<str>>]>);

impl Key {
    /// Events that lack a field belong together: on the host, nothing has a container.
    pub(super) fn new(secret: &RandomState, fields: &[Option<Field>], view: &View<'_, impl Fields>) -> Self {
        let value = |field: &Option<Field>| view.with_text((*field)?, |text| shortened(secret, text));
        Self(fields.iter().map(value).collect())
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Option<Box<str>>> {
        self.0.iter()
    }
}

/// Long values that begin alike are still told apart.
fn shortened(secret: &RandomState, text: &str) -> Box<str> {
    if text.len() <= VALUE {
        return text.into();
    }
    let end = text.floor_char_boundary(VALUE);
    format!("{}…{:016x}", text.get(..end).unwrap_or_default(), secret.hash_one(text)).into()
}

/// The groups of one correlation.
#[derive(Debug)]
pub(super) struct Groups {
    // Goes where the windows go: what is in them is hashed by it. A secret, so that nobody can choose values that are
    // taken for one another.
    secret: RandomState,
    windows: LruCache<Key, Window, RandomState>,
    matches: usize,
    forgotten: Forgotten,
}

impl Default for Groups {
    fn default() -> Self {
        // Room is made here, which tells what was in it.
        Self {
            windows: LruCache::unbounded_with_hasher(RandomState::new()),
            secret: RandomState::new(),
            matches: 0,
            forgotten: Forgotten::default(),
        }
    }
}

impl Groups {
    pub(super) const fn secret(&self) -> &RandomState {
        &self.secret
    }

    /// Changes a group's window, and gives it back.
    pub(super) fn take(&mut self, key: Key, change: impl FnOnce(&mut Window) -> u64) -> (Key, &Window) {
        while self.windows.len() > GROUPS || self.matches > MATCHES {
            let Some((_, window)) = self.windows.pop_lru() else { break };
            self.matches = self.matches.saturating_sub(window.len());
            self.forgotten.groups += 1;
        }
        let window = self.windows.get_or_insert_mut(key.clone(), Window::default);
        let before = window.len();
        self.forgotten.matches += change(window);
        self.matches = self.matches.saturating_sub(before).saturating_add(window.len());
        (key, window)
    }

    pub(super) const fn forgotten(&self) -> Forgotten {
        self.forgotten
    }
}
