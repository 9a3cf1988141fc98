//! The watched paths as the programs look them up: a tree of names in a map.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use aya::maps::{Array, HashMap as BpfMap, MapData, MapError};
use rampart_abi::{
    WATCH_BELOW_SHIFT, WATCH_CREATE, WATCH_EVERYTHING_SHIFT, WATCH_FILTER_NAMED, WATCH_FILTER_ROOT,
    WATCH_MODIFY, WATCH_NAME_MAX, WATCH_NAMED_SHIFT, WATCH_READ, WATCH_SET_UID, WatchFilter,
};
use rampart_model::{Watch, WatchEntry, WatchPattern};

/// Bytes of [`rampart_abi::WatchKey`] and [`rampart_abi::WatchNode`].
type Key = [u8; 4 + WATCH_NAME_MAX];
type Node = [u8; 8];

const ROOT: u32 = 0;
const ANYWHERE: u32 = u32::MAX;

/// The maps that the programs look into.
pub(crate) struct WatchMaps {
    tree: BpfMap<MapData, Key, Node>,
    modes: Array<MapData, u32>,
    filters: Array<MapData, Filter>,
}

impl WatchMaps {
    pub(crate) const fn new(
        tree: BpfMap<MapData, Key, Node>,
        modes: Array<MapData, u32>,
        filters: Array<MapData, Filter>,
    ) -> Self {
        Self { tree, modes, filters }
    }

    /// Puts other paths in. What both the old and the new ones want is wanted meanwhile, too: folders have the same
    /// numbers in every set.
    pub(crate) fn set(&mut self, watch: &Watch) -> Result<(), MapError> {
        let wanted = nodes(watch);
        for (key, (folder, flags)) in &wanted.tree {
            self.tree.insert(key, encode(*folder, *flags), 0)?;
        }
        self.filters.set(WATCH_FILTER_NAMED, wanted.named, 0)?;
        self.filters.set(WATCH_FILTER_ROOT, wanted.root, 0)?;
        self.modes.set(0, wanted.modes, 0)?;
        let stale: Vec<Key> =
            self.tree.keys().filter_map(Result::ok).filter(|key| !wanted.tree.contains_key(key)).collect();
        for key in stale {
            self.tree.remove(&key)?;
        }
        Ok(())
    }
}

/// Words of a [`WatchFilter`].
type Filter = [u64; 64];

#[derive(Debug)]
struct Nodes {
    /// Number as a folder, and `WATCH_*`.
    tree: BTreeMap<Key, (u32, u32)>,
    /// As in the map.
    modes: u32,
    named: Filter,
    root: Filter,
}

fn nodes(watch: &Watch) -> Nodes {
    let mut nodes = Nodes { tree: BTreeMap::new(), modes: 0, named: [0; 64], root: [0; 64] };
    for entry in watch.entries() {
        let flags = flags(entry);
        match &entry.what {
            WatchPattern::Named(name) => {
                nodes.modes |= flags << WATCH_NAMED_SHIFT;
                allow(&mut nodes.named, name);
                add(&mut nodes.tree, ANYWHERE, name, ROOT, flags);
            }
            WatchPattern::Below(path) => add_path(&mut nodes, path, flags),
            WatchPattern::SetUid if entry.modify => nodes.modes |= WATCH_SET_UID,
            WatchPattern::SetUid => {}
        }
    }
    nodes
}

const fn flags(entry: &WatchEntry) -> u32 {
    (if entry.read { WATCH_READ } else { 0 })
        | (if entry.modify { WATCH_MODIFY } else { 0 })
        | (if entry.create { WATCH_CREATE } else { 0 })
}

fn add_path(nodes: &mut Nodes, path: &str, flags: u32) {
    let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
    let Some(top) = names.peek() else {
        nodes.modes |= flags << WATCH_EVERYTHING_SHIFT;
        return;
    };
    allow(&mut nodes.root, top);
    nodes.modes |= flags << WATCH_BELOW_SHIFT;
    let mut folder = ROOT;
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            add(&mut nodes.tree, folder, name, ROOT, flags);
        } else {
            let below = number(folder, name);
            add(&mut nodes.tree, folder, name, below, 0);
            folder = below;
        }
    }
}

fn allow(filter: &mut Filter, name: &str) {
    let mut head = [0; 8];
    for (place, byte) in head.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    let (word, bit) = WatchFilter::place(u64::from_ne_bytes(head));
    if let Some(word) = filter.get_mut(word) {
        *word |= bit;
    }
}

fn add(tree: &mut BTreeMap<Key, (u32, u32)>, folder: u32, name: &str, below: u32, flags: u32) {
    let node = tree.entry(key(folder, name)).or_default();
    node.0 = node.0.max(below);
    node.1 |= flags;
}

/// A folder's number: the same in every set of paths. Two folders that share one would only let more through.
fn number(folder: u32, name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    (folder, name).hash(&mut hasher);
    let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d]).clamp(1, ANYWHERE - 1)
}

fn key(folder: u32, name: &str) -> Key {
    let mut key = [0; 4 + WATCH_NAME_MAX];
    // The programs compare so many bytes, and keep the last one for a NUL.
    let bytes = folder.to_ne_bytes().into_iter().chain(name.bytes().take(WATCH_NAME_MAX - 1));
    for (place, byte) in key.iter_mut().zip(bytes) {
        *place = byte;
    }
    key
}

fn encode(folder: u32, flags: u32) -> Node {
    let mut node = [0; 8];
    let bytes = folder.to_ne_bytes().into_iter().chain(flags.to_ne_bytes());
    for (place, byte) in node.iter_mut().zip(bytes) {
        *place = byte;
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_looked_for_in_its_own_way() {
        let of = |what: WatchPattern| WatchEntry::of(what);
        let below = |path: &str| of(WatchPattern::Below(path.into()));
        let named = of(WatchPattern::Named("x".into()));
        for (entry, modes) in [
            (WatchEntry { read: true, ..below("/") }, WATCH_READ << WATCH_EVERYTHING_SHIFT),
            (WatchEntry { create: true, ..below("/srv") }, WATCH_CREATE << WATCH_BELOW_SHIFT),
            (
                WatchEntry { read: true, modify: true, ..named },
                (WATCH_READ | WATCH_MODIFY) << WATCH_NAMED_SHIFT,
            ),
            (WatchEntry { modify: true, ..of(WatchPattern::SetUid) }, WATCH_SET_UID),
            // Reading does not set a mode.
            (WatchEntry { read: true, ..of(WatchPattern::SetUid) }, 0),
        ] {
            let watch = Watch::new(vec![entry]);
            assert_eq!(nodes(&watch).modes, modes, "{watch:?}");
        }
    }

    /// Of one name in the tree everything that anybody wants is wanted.
    #[test]
    fn entries_of_one_path_are_joined() {
        let below = || WatchEntry::of(WatchPattern::Below("/etc".into()));
        let watch: Watch = [WatchEntry { read: true, ..below() }, WatchEntry { create: true, ..below() }]
            .into_iter()
            .collect();
        assert_eq!(nodes(&watch).tree.get(&key(ROOT, "etc")), Some(&(ROOT, WATCH_READ | WATCH_CREATE)));
    }
}
