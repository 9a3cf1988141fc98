use rampart_model::EventKind;

/// What became of the events of one kind. `seen == delivered + lost_ring + lost_decode` once the ring
/// buffer is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindCounters {
    /// Made by the programs.
    pub seen: u64,
    /// Found no room in the ring buffer.
    pub lost_ring: u64,
    /// Could not be decoded.
    pub lost_decode: u64,
    /// Handed on.
    pub delivered: u64,
    /// Runs of this kind's programs that the kernel left out because they would have interrupted themselves on
    /// one CPU (`recursion_misses`, told since Linux 5.12). What they would have made is not in `seen`: at most
    /// one record each.
    pub skipped: u64,
}

/// The counters of all kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    kinds: [KindCounters; EventKind::ALL.len()],
}

impl Tally {
    /// Of one kind.
    #[must_use]
    pub fn of(&self, kind: EventKind) -> KindCounters {
        self.kinds.get(kind.index()).copied().unwrap_or_default()
    }

    pub(crate) fn of_mut(&mut self, kind: EventKind) -> Option<&mut KindCounters> {
        self.kinds.get_mut(kind.index())
    }

    /// Kinds with their counters.
    pub fn iter(&self) -> impl Iterator<Item = (EventKind, KindCounters)> {
        EventKind::ALL.into_iter().zip(self.kinds)
    }
}

/// The model's name for a kind on the wire.
pub(crate) const fn event_kind(kind: rampart_abi::Kind) -> EventKind {
    match kind {
        rampart_abi::Kind::Exec => EventKind::Exec,
        rampart_abi::Kind::Fork => EventKind::Fork,
        rampart_abi::Kind::Exit => EventKind::Exit,
        rampart_abi::Kind::Connect => EventKind::Connect,
        rampart_abi::Kind::Mount => EventKind::Mount,
    }
}
