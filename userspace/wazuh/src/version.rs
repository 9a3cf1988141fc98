use std::{
    fmt::{self, Display},
    str::FromStr,
};

/// A version of Wazuh that an agent says it is.
///
/// What a manager does hardly depends on it, but for this: it refuses agents that are newer than itself, when they enrol and when they
/// connect. So the default is an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentVersion {
    /// 4 in `v4.14.7`.
    pub major: u16,
    /// 14 in `v4.14.7`.
    pub minor: u16,
    /// 7 in `v4.14.7`.
    pub patch: u16,
}

/// A text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version is three numbers, as in `v4.3.0`")]
pub struct InvalidVersion;

impl AgentVersion {
    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }
}

/// The oldest manager that is likely to be met today takes it.
impl Default for AgentVersion {
    fn default() -> Self {
        Self::new(4, 3, 0)
    }
}

/// As Wazuh writes it: `v4.3.0`.
impl Display for AgentVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// With or without the `v`.
impl FromStr for AgentVersion {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || {
            let number = numbers.next().ok_or(InvalidVersion)?;
            // The standard library would take a sign as well.
            if number.bytes().all(|byte| byte.is_ascii_digit()) {
                number.parse().map_err(|_| InvalidVersion)
            } else {
                Err(InvalidVersion)
            }
        };
        let version = Self::new(number()?, number()?, number()?);
        if numbers.next().is_none() { Ok(version) } else { Err(InvalidVersion) }
    }
}

/// What is tried below the version that was refused, the highest first. Few steps: each is a connection that the manager
/// refuses.
const RUNGS: [AgentVersion; 6] = [
    AgentVersion::new(4, 12, 0),
    AgentVersion::new(4, 9, 0),
    AgentVersion::new(4, 7, 0),
    AgentVersion::new(4, 5, 0),
    AgentVersion::new(4, 3, 0),
    AgentVersion::new(4, 0, 0),
];

/// Finds a version that a manager takes: from the configured one downwards.
///
/// What a manager has taken is remembered, and where the next search begins: managers of different age then meet at what the
/// oldest takes. It does not go up again, so an upgraded manager sees the old version until the agent starts anew.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// Where a search begins.
    top: AgentVersion,
    current: AgentVersion,
}

impl Ladder {
    /// Begins with this version.
    #[must_use]
    pub const fn new(configured: AgentVersion) -> Self {
        Self { top: configured, current: configured }
    }

    /// What to say now.
    #[must_use]
    pub const fn current(&self) -> AgentVersion {
        self.current
    }

    /// A manager has refused the current version as too high. Gives the next lower one, which is the current one then; none when the
    /// last was refused, and then the next search begins at the top again.
    pub fn lower(&mut self) -> Option<AgentVersion> {
        let next = RUNGS.into_iter().find(|rung| *rung < self.current);
        self.current = next.unwrap_or(self.top);
        next
    }

    /// A manager has taken the current version.
    pub const fn accept(&mut self) {
        self.top = self.current;
    }
}

/// Whether a manager that answers a startup with an error (`#!-err`) does so for the version.
#[must_use]
pub fn refuses_version(message: &str) -> bool {
    message.to_ascii_lowercase().contains("version")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        for (lower, higher) in
            [("v4.3.0", "4.14.7"), ("4.9.9", "v4.10.0"), ("3.13.6", "4.0.0"), ("4.3.0", "4.3.1")]
        {
            let (lower, higher): (AgentVersion, AgentVersion) =
                (lower.parse().unwrap(), higher.parse().unwrap());
            assert!(lower < higher, "{lower} {higher}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "v",
            "4",
            "4.3",
            "4.3.0.1",
            "4.3.",
            "4..0",
            "vv4.3.0",
            "4.3.x",
            "+4.3.0",
            "4.3.70000",
            " 4.3.0",
        ] {
            assert_eq!(text.parse::<AgentVersion>(), Err(InvalidVersion), "{text}");
        }
    }

    #[test]
    fn a_refused_version_is_followed_by_lower_ones_until_the_last() {
        for (configured, expected) in [
            ("v4.14.7", &["v4.12.0", "v4.9.0", "v4.7.0", "v4.5.0", "v4.3.0", "v4.0.0"][..]),
            ("v4.3.1", &["v4.3.0", "v4.0.0"]),
            ("v4.3.0", &["v4.0.0"]),
            ("v4.0.0", &[]),
            ("v3.13.0", &[]),
        ] {
            let configured = configured.parse().unwrap();
            let mut ladder = Ladder::new(configured);
            let mut tried = Vec::new();
            while let Some(version) = ladder.lower() {
                assert_eq!(version, ladder.current());
                tried.push(version.to_string());
            }
            assert_eq!(tried, expected);
            assert_eq!(ladder.current(), configured);
        }
    }

    #[test]
    fn what_was_taken_is_where_the_next_search_begins() {
        let mut ladder = Ladder::new(AgentVersion::new(4, 14, 7));
        while ladder.lower() != Some(AgentVersion::new(4, 5, 0)) {}
        ladder.accept();
        assert_eq!(ladder.lower(), Some(AgentVersion::new(4, 3, 0)));
        assert_eq!(ladder.lower(), Some(AgentVersion::new(4, 0, 0)));
        assert_eq!(ladder.lower(), None);
        assert_eq!(ladder.current(), AgentVersion::new(4, 5, 0));
    }

    #[test]
    fn a_refusal_for_the_version_is_told_from_others() {
        assert!(refuses_version("Agent version must be lower or equal to manager version"));
        assert!(refuses_version("Incompatible Version"));
        assert!(!refuses_version("Agent key already in use"));
    }

    proptest! {
        #[test]
        fn a_version_is_read_as_it_is_written(major in any::<u16>(), minor in any::<u16>(), patch in any::<u16>()) {
            let version = AgentVersion::new(major, minor, patch);
            prop_assert_eq!(version.to_string().parse(), Ok(version));
        }
    }
}
