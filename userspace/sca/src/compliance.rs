//! What a check answers, by the control catalogues.

use std::sync::Arc;

use rampart_model::{ControlRef, Framework};
use rampart_policy::{Catalogue, TechniqueEntry};

use crate::{Check, CheckReport, Fault};

/// What Wazuh's own policies call frameworks that we have under another name. `cis` is not among them: it is a benchmark of
/// whatever the policy is about.
const ALIASES: [(&str, Framework); 5] = [
    ("nist_sp_800-53", Framework::Nist80053),
    ("pci_dss_v4.0", Framework::PciDss),
    ("pci_dss_4.0", Framework::PciDss),
    ("soc_2", Framework::Soc2),
    ("tsc", Framework::Soc2),
];

const TECHNIQUES: &str = "mitre_techniques";
const LEVEL: &str = "cis_level";

impl Check {
    /// The ids under a key of the check's `compliance`, as they are written.
    pub fn ids(&self, key: &str) -> impl Iterator<Item = &Arc<str>> {
        self.compliance.iter().filter(move |entry| &*entry.key == key).flat_map(|entry| &entry.ids)
    }

    /// The controls that the check names and the catalogue has, sorted, each once. Other keys and ids are no error: Wazuh's
    /// policies name frameworks, and versions of them, that the catalogue does not have.
    #[must_use]
    pub fn controls(&self, catalogue: &Catalogue) -> Vec<ControlRef> {
        let entries = self.compliance.iter().map(|entry| (&*entry.key, entry.ids.as_slice()));
        controls(entries, catalogue)
    }

    /// The techniques that the check names and the catalogue has, in the order of the check. What controls a technique
    /// touches is not among [`controls`](Self::controls): whether a host is hardened says nothing of most of them.
    #[must_use]
    pub fn techniques<'c>(&self, catalogue: &'c Catalogue) -> Vec<&'c TechniqueEntry> {
        self.ids(TECHNIQUES).filter_map(|id| catalogue.technique(id.trim())).collect()
    }

    /// The CIS profile that the check belongs to, 1 or 2; none if it does not say so. Level 2 is for those who want more.
    #[must_use]
    pub fn level(&self) -> Option<u8> {
        self.ids(LEVEL).find_map(|level| level.trim().parse().ok())
    }
}

impl CheckReport {
    /// The controls that the check answers, as [`Check::controls`].
    #[must_use]
    pub fn controls(&self, catalogue: &Catalogue) -> Vec<ControlRef> {
        controls(self.compliance.iter().map(|(key, ids)| (&**key, ids.as_slice())), catalogue)
    }

    /// The techniques that the check looks for, as [`Check::techniques`].
    #[must_use]
    pub fn techniques<'c>(&self, catalogue: &'c Catalogue) -> Vec<&'c TechniqueEntry> {
        let ids = self.compliance.get(TECHNIQUES).into_iter().flatten();
        ids.filter_map(|id| catalogue.technique(id.trim())).collect()
    }
}

fn controls<'e>(
    entries: impl Iterator<Item = (&'e str, &'e [Arc<str>])>,
    catalogue: &Catalogue,
) -> Vec<ControlRef> {
    let mut controls: Vec<_> = entries
        .filter_map(|(key, ids)| Some((framework(key)?, ids)))
        .flat_map(|(framework, ids)| ids.iter().map(move |id| reference(framework, id)))
        .filter_map(|reference| Some(catalogue.control(&reference)?.reference.clone()))
        .collect();
    controls.sort();
    controls.dedup();
    controls
}

/// Whether the catalogue has what is written under a key that is ours.
pub(crate) fn verify(key: &str, id: &str, catalogue: &Catalogue) -> Result<(), Fault> {
    if key == TECHNIQUES {
        return catalogue.technique(id).map(drop).ok_or_else(|| Fault::UnknownTechnique(id.to_owned()));
    }
    let Some(framework) = Framework::from_name(key) else { return Ok(()) };
    let reference = ControlRef { framework, id: id.to_ascii_lowercase().into() };
    catalogue.control(&reference).map(drop).ok_or_else(|| Fault::UnknownControl(reference.to_string()))
}

fn framework(key: &str) -> Option<Framework> {
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == key).map(|(_, framework)| *framework);
    Framework::from_name(key).or_else(alias)
}

/// The control of an id in any of the spellings that are in use: `AC-6(9)`, `SI.4`, `164.312(a)(2)(i)`.
fn reference(framework: Framework, id: &str) -> ControlRef {
    let mut id = id.trim().to_ascii_lowercase().replace('(', ".").replace(')', "");
    if framework == Framework::Nist80053 && !id.contains('-') {
        id = id.replacen('.', "-", 1);
    }
    ControlRef { framework, id: id.into() }
}
