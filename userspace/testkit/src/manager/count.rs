//! The two numbers that every message carries, by which one that is played again is known.

use std::fmt;

/// Largest local number: the agent begins anew, with the next global one, at this.
const LOCAL: u32 = 9997;

/// In the order in which they are sent: the global number first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Count {
    global: u32,
    local: u32,
}

impl Count {
    /// Reads `GGGGGGGGGG:LLLL:`, and gives what follows.
    pub(super) fn parse(text: &[u8]) -> Result<(Self, &[u8]), String> {
        let (head, rest) = text.split_at_checked(16).ok_or("a message too short for its counters")?;
        let (global, local) = head.split_at_checked(10).ok_or("a message too short for its counters")?;
        let local = local.strip_prefix(b":").and_then(|local| local.strip_suffix(b":"));
        let local = local.ok_or("no colon around the local counter")?;
        let count = Self {
            global: number(global).ok_or("a global counter that is no number of 10 digits")?,
            local: number(local).ok_or("a local counter that is no number of 4 digits")?,
        };
        if count.local == 0 || count.local > LOCAL {
            return Err(format!("a local counter of {}, which is not 1 to {LOCAL}", count.local));
        }
        Ok((count, rest))
    }

    /// What comes after it.
    pub(super) fn next(self) -> Self {
        if self.local >= LOCAL {
            Self { global: self.global.wrapping_add(1), local: 1 }
        } else {
            Self { local: self.local + 1, ..self }
        }
    }
}

/// As it stands in a message.
impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:010}:{:04}:", self.global, self.local)
    }
}

/// Digits only.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn counters_are_read_and_ordered() {
        let (first, rest) = Count::parse(b"0000000000:9997:rest").unwrap();
        assert_eq!(rest, b"rest");
        assert_eq!(first.next().to_string(), "0000000001:0001:");
        assert!(first.next() > first && first.next().next() > first.next());
    }

    #[test]
    fn counters_of_another_form_are_told() {
        for text in [
            "",
            "0000000000:0001",
            "000000000x:0001:",
            "0000000000:0000:",
            "0000000000:9998:",
            "0000000000-0001:",
        ] {
            assert!(Count::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
