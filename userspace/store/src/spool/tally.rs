use rampart_model::Severity;

const SEVERITIES: usize = Severity::ALL.len();

/// How many messages there are, and how large they are together, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally([Amount; SEVERITIES]);

/// Messages of one severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount {
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

/// A severity's place: in keys, and in order from the mildest.
pub(super) const fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

impl Tally {
    pub(super) fn of(&self, severity: Severity) -> Amount {
        self.0.get(usize::from(rank(severity))).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, severity: Severity, bytes: u64) {
        self.change(severity, |amount| {
            amount.messages += 1;
            amount.bytes += bytes;
        });
    }

    pub(super) fn take(&mut self, severity: Severity, bytes: u64) {
        self.change(severity, |amount| {
            amount.messages = amount.messages.saturating_sub(1);
            amount.bytes = amount.bytes.saturating_sub(bytes);
        });
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (amount, other) in self.0.iter_mut().zip(other.0) {
            amount.messages += other.messages;
            amount.bytes += other.bytes;
        }
    }

    pub(super) fn take_all(&mut self, other: &Self) {
        for (amount, other) in self.0.iter_mut().zip(other.0) {
            amount.messages = amount.messages.saturating_sub(other.messages);
            amount.bytes = amount.bytes.saturating_sub(other.bytes);
        }
    }

    /// What is in this one and not in the other.
    pub(super) fn without(mut self, other: &Self) -> Self {
        self.take_all(other);
        self
    }

    pub(super) fn messages(&self) -> u64 {
        self.0.iter().map(|amount| amount.messages).sum()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|amount| amount.bytes).sum()
    }

    fn change(&mut self, severity: Severity, change: impl FnOnce(&mut Amount)) {
        if let Some(amount) = self.0.get_mut(usize::from(rank(severity))) {
            change(amount);
        }
    }
}
