mod file;

use std::{
    fmt::{self, Display},
    str::FromStr,
};

pub use self::file::CounterFile;

/// After this many messages the first number advances.
const LOCALS: u32 = 9997;

/// The two numbers of a message: a manager that checks them (`remoted.verify_msg_id`) takes a message only if they are
/// greater than those of the one before, the first one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Counter {
    global: u32,
    local: u32,
}

impl Counter {
    /// From which the next message has `global` and 1.
    #[must_use]
    pub const fn starting_at(global: u32) -> Self {
        Self { global, local: 0 }
    }

    /// The first number.
    #[must_use]
    pub const fn global(self) -> u32 {
        self.global
    }

    /// The second number, at most 9,997.
    #[must_use]
    pub const fn local(self) -> u32 {
        self.local
    }

    /// The numbers of the message after this one. After the very last they begin again; no agent lives to see it.
    #[must_use]
    pub const fn next(self) -> Self {
        if self.local >= LOCALS {
            Self { global: self.global.wrapping_add(1), local: 1 }
        } else {
            Self { global: self.global, local: self.local + 1 }
        }
    }
}

/// As Wazuh keeps it in `rids/sender_counter`: `1700000000:42:`.
impl Display for Counter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:", self.global, self.local)
    }
}

/// A text is no pair of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a counter is two numbers with a colon behind each")]
pub struct InvalidCounter;

impl FromStr for Counter {
    type Err = InvalidCounter;

    fn from_str(text: &str) -> Result<Self, InvalidCounter> {
        let text = text.trim_end().strip_suffix(':').ok_or(InvalidCounter)?;
        let (global, local) = text.split_once(':').ok_or(InvalidCounter)?;
        let number = |text: &str| text.parse().map_err(|_| InvalidCounter);
        Ok(Self { global: number(global)?, local: number(local)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_greater_than_the_one_before() {
        let mut counter = Counter::starting_at(7);
        for _ in 0..=LOCALS * 2 {
            let next = counter.next();
            assert!(next > counter && (1..=LOCALS).contains(&next.local), "{next}");
            counter = next;
        }
        assert_eq!(counter, Counter { global: 9, local: 1 });
    }

    #[test]
    fn what_is_read_is_what_is_written() {
        for text in ["0:0:", "4294967295:9997:", "1700000000:42:"] {
            assert_eq!(text.parse::<Counter>().unwrap().to_string(), text);
        }
        assert_eq!("1:2:\n".parse(), Ok(Counter { global: 1, local: 2 }));
        for text in ["", ":", "::", "1:2", "1:", "1:2:3:", "-1:2:", "4294967296:0:"] {
            assert_eq!(text.parse::<Counter>(), Err(InvalidCounter), "{text}");
        }
    }
}
