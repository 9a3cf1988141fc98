/// Rules that may match, each once. Its memory is kept from one event to the next.
#[derive(Debug, Default)]
pub(in crate::engine) struct Candidates {
    // A bit for each rule.
    seen: Vec<u64>,
    rules: Vec<u32>,
}

impl Candidates {
    /// For rules with numbers below `rules`.
    pub(in crate::engine) fn new(rules: usize) -> Self {
        Self { seen: vec![0; rules.div_ceil(64)], rules: Vec::with_capacity(rules.min(64)) }
    }

    pub(super) fn extend(&mut self, rules: &[u32]) {
        for rule in rules {
            let Some(word) = self.seen.get_mut((*rule >> 6) as usize) else { continue };
            let bit = 1 << (rule & 63);
            if *word & bit == 0 {
                *word |= bit;
                self.rules.push(*rule);
            }
        }
    }

    /// The rules in the order of their numbers.
    pub(in crate::engine) fn sorted(&mut self) -> &[u32] {
        self.rules.sort_unstable();
        &self.rules
    }

    pub(in crate::engine) fn clear(&mut self) {
        for rule in self.rules.drain(..) {
            if let Some(word) = self.seen.get_mut((rule >> 6) as usize) {
                *word = 0;
            }
        }
    }
}
