use std::{
    fmt::{self, Write as _},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::Arc,
};

use rampart_model::{Correlated, Field, GroupValue, RuleRef, Timestamp, Value};
use rampart_policy::{Correlation, CorrelationKind, RuleSet, limit};
use rustc_hash::FxHasher;

use super::{
    Forgotten,
    group::{Groups, Key},
    measure::Measure,
    window::Window,
};
use crate::{Fields, engine::View};

/// One correlation and what it has seen.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) reference: Arc<RuleRef>,
    pub(super) silent: bool,
    /// The same for correlations that mean the same, with all that they look at.
    pub(super) fingerprint: u64,
    measure: Measure,
    names: Box<[Arc<str>]>,
    // For each rule, the fields of the group.
    group_by: Box<[Box<[Option<Field>]>]>,
    // What of an event is kept.
    kept: Kept,
    timespan: i64,
    groups: Groups,
}

/// What of a match a window keeps.
#[derive(Debug)]
enum Kept {
    /// That there was one.
    Nothing,
    /// Which rule it was of.
    Rule,
    /// A hash of the fields' texts.
    Hash(Box<[Field]>),
    /// The field's number.
    Number(Field),
}

impl Compiled {
    pub(super) fn new(correlation: &Correlation, rules: &RuleSet, before: &[Self]) -> Self {
        let fields_of = |position: usize| {
            correlation.group_by.iter().map(|key| key.fields.get(position).copied().flatten()).collect()
        };
        let kept = match &correlation.kind {
            CorrelationKind::EventCount(_) => Kept::Nothing,
            CorrelationKind::ValueCount { fields, .. } => Kept::Hash(fields.as_slice().into()),
            CorrelationKind::Value { field, .. } => Kept::Number(*field),
            CorrelationKind::Temporal(_) | CorrelationKind::TemporalOrdered(_) => Kept::Rule,
        };
        Self {
            reference: Arc::clone(&correlation.reference),
            silent: correlation.silent,
            fingerprint: fingerprint(correlation, rules, before),
            measure: Measure::new(correlation),
            names: correlation.group_by.iter().map(|key| Arc::clone(&key.name)).collect(),
            group_by: (0..correlation.rules.len()).map(fields_of).collect(),
            kept,
            timespan: i64::try_from(correlation.timespan.as_nanos()).unwrap_or(i64::MAX),
            groups: Groups::default(),
        }
    }

    /// Takes in a match of the rule of that number. Gives the details where the correlation fires.
    pub(super) fn take(&mut self, position: usize, view: &View<'_, impl Fields>) -> Option<Correlated> {
        let secret = self.groups.secret();
        let what = self.kept.of(secret, position, view)?;
        let key = Key::new(secret, self.group_by.get(position)?, view);
        let time = i64::try_from(view.event().time().as_nanos()).unwrap_or(i64::MAX);
        let cutoff = time.saturating_sub(self.timespan);
        let (key, window) = self.groups.take(key, |window: &mut Window| window.take(time, what, cutoff));
        let measured = self.measure.of(window)?;
        let group = self.names.iter().cloned().zip(key.values().cloned());
        let group = group.map(|(name, value)| GroupValue { name, value }).collect();
        let matches = window.len() as u64;
        let first = window.first().unwrap_or(time);
        Some(Correlated {
            group,
            matches,
            measured: measured.into(),
            first: Timestamp::from_nanos(first.into()),
        })
    }

    pub(super) fn adopt(&mut self, old: Self) {
        self.groups = old.groups;
    }

    pub(super) const fn forgotten(&self) -> Forgotten {
        self.groups.forgotten()
    }
}

impl Kept {
    /// None where the event lacks what is to be kept: it then counts for nothing.
    fn of(&self, secret: &RandomState, position: usize, view: &View<'_, impl Fields>) -> Option<u64> {
        match self {
            Self::Nothing => Some(0),
            Self::Rule => Some(position as u64),
            Self::Hash(fields) => {
                let mut hasher = secret.build_hasher();
                for field in fields {
                    view.with_text(*field, |text| {
                        hasher.write(text.as_bytes());
                        hasher.write_u8(0xff);
                    })?;
                }
                Some(hasher.finish())
            }
            Self::Number(field) => match view.value(*field)? {
                Value::Number(number) => Some(number.cast_unsigned()),
                _ => None,
            },
        }
    }
}

fn fingerprint(correlation: &Correlation, rules: &RuleSet, before: &[Compiled]) -> u64 {
    let mut hash = Hash(FxHasher::default());
    let Correlation { kind, group_by, timespan, rules: ids, .. } = correlation;
    // Hashing does not fail.
    write!(hash, "{}{kind:?}{group_by:?}{timespan:?}", correlation.reference.id).unwrap_or_default();
    for id in ids {
        if let Some(rule) = rules.by_id(id) {
            write!(hash, "{}{:?}{:?}", rule.reference.id, rule.category, rule.detection).unwrap_or_default();
        }
        if let Some(other) = before.iter().find(|other| other.reference.id == *id) {
            hash.0.write_u64(other.fingerprint);
        }
    }
    hash.0.finish()
}

struct Hash(FxHasher);

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

// A window that keeps fewer matches than a bound asks for would never fire.
const _: () = assert!(limit::CORRELATION_MATCHES < super::MATCHES);
