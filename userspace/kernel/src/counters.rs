use rampart_model::EventKind;

/// What became of the events of one kind. `seen == delivered + summarised + lost_ring + lost_decode` once the ring
/// buffer is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindCounters {
    /// Made by the programs; of a kind that is sampled, by the agent.
    pub seen: u64,
    /// Found no room in the ring buffer.
    pub lost_ring: u64,
    /// Only counted, as part of a [`Flood`](crate::Flood).
    pub summarised: u64,
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

    /// Events of all kinds that were only counted.
    pub(crate) fn summarised(&self) -> u64 {
        self.kinds.iter().map(|counters| counters.summarised).sum()
    }

    /// Sets how many events of a kind that is sampled have been made. All of them are handed on.
    pub fn set_sampled(&mut self, kind: EventKind, made: u64) {
        if let Some(counters) = self.of_mut(kind).filter(|_| kind.is_sampled()) {
            *counters = KindCounters { seen: made, delivered: made, ..KindCounters::default() };
        }
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
    use rampart_abi::Kind;

    match kind {
        Kind::Exec => EventKind::Exec,
        Kind::Fork => EventKind::Fork,
        Kind::Exit => EventKind::Exit,
        Kind::Connect => EventKind::Connect,
        Kind::Mount => EventKind::Mount,
        Kind::ExecFailed => EventKind::ExecFailed,
        Kind::Socket => EventKind::Socket,
        Kind::Namespace => EventKind::Namespace,
        Kind::File => EventKind::File,
        Kind::Descriptor => EventKind::Descriptor,
        Kind::Access => EventKind::Access,
        Kind::Memfd => EventKind::Memfd,
        Kind::Module => EventKind::Module,
        Kind::Bpf => EventKind::Bpf,
        Kind::Credentials => EventKind::Credentials,
        Kind::Signal => EventKind::Signal,
        Kind::IoUring => EventKind::IoUring,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_on_both_sides() {
        let told = EventKind::ALL.into_iter().filter(|kind| !kind.is_sampled());
        assert_eq!(rampart_abi::Kind::ALL.len(), told.count());
        for kind in rampart_abi::Kind::ALL {
            assert_eq!(event_kind(*kind).name(), kind.name());
        }
    }
}
