use std::fmt;

/// Most characters of a reason.
const REASON: usize = 256;

/// How a module is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It has not said anything yet.
    Starting,
    /// It does its work.
    Ok,
    /// It does less than it should.
    Degraded(Box<str>),
    /// It does not do its work.
    Failed(Box<str>),
}

impl State {
    pub(super) fn degraded(reason: &str) -> Self {
        Self::Degraded(one_line(reason))
    }

    pub(super) fn failed(reason: &str) -> Self {
        Self::Failed(one_line(reason))
    }

    /// Whether an agent that needs the module does its work.
    pub(super) const fn works(&self) -> bool {
        matches!(self, Self::Ok | Self::Degraded(_))
    }
}

/// A reason may have words of the other side in it: it must not look like another module's line.
fn one_line(reason: &str) -> Box<str> {
    let letters = reason.chars().take(REASON);
    letters.map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("starting"),
            Self::Ok => f.write_str("ok"),
            Self::Degraded(reason) => write!(f, "degraded: {reason}"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{REASON, State};

    #[test]
    fn a_reason_stays_in_its_line() {
        let state = State::failed("refused\nsensor: ok\x1b[2J");
        assert_eq!(state.to_string(), "failed: refused sensor: ok [2J");
        let long = State::degraded(&"é".repeat(10_000));
        assert_eq!(long.to_string().chars().count(), "degraded: ".len() + REASON);
    }
}
