//! Frameworks' controls, and ATT&CK's techniques with the controls that each of them touches.

mod read;

use std::{collections::BTreeMap, sync::Arc};

use rampart_model::{ControlRef, Framework, Tactic, Technique};

pub(crate) use self::read::CatalogueFile;

/// One control of one framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Whose, and its id.
    pub reference: ControlRef,
    /// What it asks for, in a few words of ours.
    pub title: Arc<str>,
    /// The framework's chapter that it belongs to.
    pub family: Arc<str>,
}

/// A technique and what it means for compliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechniqueEntry {
    /// The technique.
    pub technique: Technique,
    /// The controls that should have prevented or must notice it, those of its parent technique included.
    pub controls: Vec<ControlRef>,
}

/// Everything that a rule's tags may refer to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    versions: BTreeMap<Framework, Arc<str>>,
    attack_version: Option<Arc<str>>,
    controls: BTreeMap<ControlRef, Control>,
    // By the name in tags: `privilege-escalation`.
    tactics: BTreeMap<Box<str>, Tactic>,
    // By the id in tags: `t1552.005`.
    techniques: BTreeMap<Box<str>, TechniqueEntry>,
}

impl Catalogue {
    /// The version of a framework that its controls are numbered by; none if the framework is not there.
    #[must_use]
    pub fn version(&self, framework: Framework) -> Option<&Arc<str>> {
        self.versions.get(&framework)
    }

    /// The version of ATT&CK whose techniques it has; none if it has none.
    #[must_use]
    pub const fn attack_version(&self) -> Option<&Arc<str>> {
        self.attack_version.as_ref()
    }

    /// A control, if its framework has it.
    #[must_use]
    pub fn control(&self, reference: &ControlRef) -> Option<&Control> {
        self.controls.get(reference)
    }

    /// Every control, by framework and id.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.controls.values()
    }

    /// The technique of that id, such as `T1552.005`.
    #[must_use]
    pub fn technique(&self, id: &str) -> Option<&TechniqueEntry> {
        self.techniques.get(id.to_ascii_lowercase().as_str())
    }

    /// Every technique, by id.
    pub fn techniques(&self) -> impl Iterator<Item = &TechniqueEntry> {
        self.techniques.values()
    }

    /// The tactic of that name in tags, such as `privilege-escalation`.
    #[must_use]
    pub fn tactic(&self, name: &str) -> Option<&Tactic> {
        self.tactics.get(tactic_key(name).as_str())
    }
}

/// Sigma 2 writes `privilege-escalation`, Sigma 1 `privilege_escalation`, ATT&CK `Privilege Escalation`.
fn tactic_key(name: &str) -> String {
    name.to_ascii_lowercase().replace([' ', '_'], "-")
}
