//! What is known and meant: events that a rule matches and that raise no finding.

mod draft;
mod read;

use std::sync::Arc;

use rampart_model::{Category, Timestamp};

pub(crate) use self::{
    draft::Draft as ExceptionDraft,
    read::{read, read_filter},
};
use crate::{Detection, Origin};

/// Where rules do not apply: a Sigma filter, or a file under `exceptions/`.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Its id, or its title where it has none.
    pub id: Arc<str>,
    /// What it is for.
    pub title: Arc<str>,
    /// Who answers for it. Files under `exceptions/` must say; Sigma has no such key.
    pub owner: Option<Arc<str>>,
    /// Why it is right. As `owner`.
    pub reason: Option<Arc<str>>,
    /// The first moment at which it applies no more. As `owner`.
    pub expires: Option<Timestamp>,
    /// The only category to whose rules it applies, where it says.
    pub category: Option<Category>,
    /// Ids of the rules and correlations that it applies to; all of the category where there is none.
    pub rules: Vec<Arc<str>>,
    /// An event for which this holds raises no finding. Of a Sigma filter, whose condition must hold for the rule to
    /// fire, it is the opposite of that condition.
    pub detection: Detection,
    /// Where it stands.
    pub origin: Origin,
}

impl Exception {
    /// Whether it still applies to what happens at that time.
    #[must_use]
    pub fn applies_at(&self, time: Timestamp) -> bool {
        self.expires.is_none_or(|end| time < end)
    }
}
