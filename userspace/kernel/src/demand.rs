use rampart_model::{EventKind, Watch};

/// What anybody wants to hear of: what nobody wants is not hooked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    kinds: [bool; EventKind::ALL.len()],
    watch: Watch,
}

/// Kinds that the process tree is made of: without them nobody would know who did what.
const ALWAYS: [EventKind; 3] = [EventKind::Exec, EventKind::Fork, EventKind::Exit];

impl Demand {
    /// For events of these kinds, and of files only those that `watch` wants. What the process tree is made of is
    /// always wanted.
    pub fn new(kinds: impl IntoIterator<Item = EventKind>, watch: Watch) -> Self {
        let mut demand = Self { kinds: [false; EventKind::ALL.len()], watch };
        for kind in kinds.into_iter().chain(ALWAYS) {
            if let Some(wanted) = demand.kinds.get_mut(kind.index()) {
                *wanted = true;
            }
        }
        demand
    }

    /// For everything there is.
    #[must_use]
    pub fn everything() -> Self {
        Self::new(EventKind::ALL, Watch::everything())
    }

    /// Whether a kind is wanted. Nobody wants files where none is watched.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        let asked = self.kinds.get(kind.index()).copied().unwrap_or(false);
        asked && (kind != EventKind::File || !self.watch.is_empty())
    }

    /// Which files.
    #[must_use]
    pub const fn watch(&self) -> &Watch {
        &self.watch
    }
}
