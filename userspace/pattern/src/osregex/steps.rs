use crate::Exhausted;

/// What one line may cost at least.
const LEAST: u64 = 1_000_000;

/// What a byte of a line may cost: so that a long one is not given up for its length.
const PER_BYTE: u64 = 16;

/// The bytes that are searched for one character in the time of a step.
const SEARCHED: usize = 64;

/// What is left of the steps that a line may cost: a step is a token held against a byte.
#[derive(Debug)]
pub(super) struct Steps(u64);

impl Steps {
    /// For a line of this length.
    pub(super) fn new(length: usize) -> Self {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        Self(LEAST.saturating_add(length.saturating_mul(PER_BYTE)))
    }

    pub(super) fn spend(&mut self) -> Result<(), Exhausted> {
        self.take(1)
    }

    pub(super) fn spend_on_search(&mut self, length: usize) -> Result<(), Exhausted> {
        self.take(1 + u64::try_from(length / SEARCHED).unwrap_or(u64::MAX - 1))
    }

    fn take(&mut self, steps: u64) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}
