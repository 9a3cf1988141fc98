use rustc_hash::FxHashMap;

use super::Candidates;

/// Longest beginning or end that is looked up, in bytes. What it lets through beyond, the rules themselves sort out.
const LENGTH: usize = 32;

/// Beginnings, or ends, of texts: every one that a text has is found in one walk from that side.
///
/// A walk keeps a running hash and looks it up at the lengths that there are. Two texts of one hash are taken for the same:
/// an index may name rules that do not match, never miss one that does.
#[derive(Debug, Default)]
pub(super) struct Edges {
    // Bit n: there is one of length n.
    lengths: u64,
    longest: usize,
    rules: FxHashMap<u64, Box<[u32]>>,
}

/// Gathers what [`Edges`] are made of.
#[derive(Debug, Default)]
pub(super) struct EdgesBuilder {
    lengths: u64,
    longest: usize,
    rules: FxHashMap<u64, Vec<u32>>,
}

impl EdgesBuilder {
    /// The bytes in the order of the walk: of an end, the last first.
    pub(super) fn add(&mut self, bytes: impl Iterator<Item = u8>, rule: u32) {
        let (mut hash, mut length) = (0, 0);
        for byte in bytes.take(LENGTH) {
            hash = step(hash, byte);
            length += 1;
        }
        self.lengths |= 1 << length;
        self.longest = self.longest.max(length);
        self.rules.entry(hash).or_default().push(rule);
    }

    pub(super) fn build(self) -> Edges {
        let rules = self.rules.into_iter().map(|(hash, rules)| (hash, rules.into())).collect();
        Edges { lengths: self.lengths, longest: self.longest, rules }
    }
}

impl Edges {
    pub(super) fn find(&self, bytes: impl Iterator<Item = u8>, found: &mut Candidates) {
        let (mut hash, mut lengths) = (0, self.lengths);
        for byte in bytes.take(self.longest) {
            hash = step(hash, byte);
            lengths >>= 1;
            if lengths & 1 == 1
                && let Some(rules) = self.rules.get(&hash)
            {
                found.extend(rules);
            }
        }
    }
}

/// Lengths are part of the hash: the sum starts with one, so that a zero byte counts.
const fn step(hash: u64, byte: u8) -> u64 {
    (hash.wrapping_add(1 + byte as u64)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
}
