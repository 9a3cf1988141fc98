use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A compliance framework whose controls findings answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framework {
    /// CIS Kubernetes Benchmark 1.8.
    CisK8s,
    /// CIS Distribution Independent Linux Benchmark 2.0.
    CisLinux,
    /// NIST SP 800-53 Revision 5.
    #[serde(rename = "nist_800_53")]
    Nist80053,
    /// PCI DSS 4.0.
    PciDss,
    /// HIPAA Security Rule, 45 CFR 164.312.
    Hipaa,
    /// SOC 2 trust services criteria.
    Soc2,
}

impl Framework {
    /// Every framework, in the order reports list them.
    pub const ALL: [Self; 6] =
        [Self::CisK8s, Self::CisLinux, Self::Nist80053, Self::PciDss, Self::Hipaa, Self::Soc2];

    /// The name used in rule tags, file names and findings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CisK8s => "cis_k8s",
            Self::CisLinux => "cis_linux",
            Self::Nist80053 => "nist_800_53",
            Self::PciDss => "pci_dss",
            Self::Hipaa => "hipaa",
            Self::Soc2 => "soc2",
        }
    }

    /// The framework of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|framework| framework.name() == name)
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One control of one framework, such as `nist_800_53.si-4`. Ids are kept in lower case, as Sigma tags are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlRef {
    /// Whose control.
    pub framework: Framework,
    /// The framework's own id, in lower case.
    pub id: Arc<str>,
}

/// A tag that does not have the form `<framework>.<id>`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a control: expected <framework>.<id>, such as nist_800_53.si-4")]
pub struct ParseControlError(pub String);

impl std::str::FromStr for ControlRef {
    type Err = ParseControlError;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let bad = || ParseControlError(tag.to_owned());
        let (framework, id) = tag.split_once('.').ok_or_else(bad)?;
        let framework = Framework::from_name(framework).ok_or_else(bad)?;
        if id.is_empty() {
            return Err(bad());
        }
        Ok(Self { framework, id: id.to_ascii_lowercase().into() })
    }
}

impl fmt::Display for ControlRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.framework, self.id)
    }
}

/// A MITRE ATT&CK tactic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tactic {
    /// Such as `TA0040`.
    pub id: Arc<str>,
    /// Such as `Impact`.
    pub name: Arc<str>,
}

/// A MITRE ATT&CK technique or sub-technique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Technique {
    /// Such as `T1496` or `T1552.005`.
    pub id: Arc<str>,
    /// Such as `Resource Hijacking`.
    pub name: Arc<str>,
    /// The tactics that it serves.
    pub tactics: Vec<Tactic>,
}
