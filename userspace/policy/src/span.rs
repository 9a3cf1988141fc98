//! Spans of time as Sigma writes them: `90m`.

use std::time::Duration;

use crate::{Fault, limit, reader::Reader, yaml::Node};

const DAY: Duration = Duration::from_hours(24);

/// What a span is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanUse {
    /// A correlation's `timespan`: whole seconds, minutes, hours or days, and not nothing.
    Timespan,
    /// How long after another a test's event comes: milliseconds as well, and also at once.
    After,
}

impl SpanUse {
    /// Reads a span, and notes why it is none.
    pub(crate) fn read(self, reader: &mut Reader, node: &Node) -> Option<Duration> {
        let (what, expected) = match self {
            Self::Timespan => ("`timespan`", "a number above zero with s, m, h or d, such as 5m"),
            Self::After => ("`after`", "a number with ms, s, m, h or d, such as 10s"),
        };
        let text = reader.text(node, what)?;
        let Some(span) = self.parse(text) else {
            reader.expected(node, what, expected);
            return None;
        };
        let bound = limit::TIMESPAN_DAYS;
        if span > DAY * u32::try_from(bound).unwrap_or(u32::MAX) {
            reader.note(node.place, Fault::TooMuch { what: "the span of time, in days,", bound });
            return None;
        }
        Some(span)
    }

    fn parse(self, text: &str) -> Option<Duration> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits)?;
        let unit = match unit {
            "ms" if self == Self::After => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            "d" => DAY,
            _ => return None,
        };
        // What is too long for the number is too long for anything.
        let number = if digits > 9 { u32::MAX } else { number.parse().ok()? };
        let zero = number == 0 && self == Self::Timespan;
        if zero { None } else { Some(unit.checked_mul(number).unwrap_or(Duration::MAX)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, timespan, after) in [
            ("30s", Some(30_000), Some(30_000)),
            ("90m", Some(5_400_000), Some(5_400_000)),
            ("2h", Some(7_200_000), Some(7_200_000)),
            ("1d", Some(86_400_000), Some(86_400_000)),
            ("500ms", None, Some(500)),
            ("0s", None, Some(0)),
            ("5", None, None),
            ("m", None, None),
            ("5M", None, None),
            ("5 m", None, None),
            ("-5m", None, None),
            ("1.5h", None, None),
            ("1w", None, None),
            ("٥m", None, None),
        ] {
            let spans = [SpanUse::Timespan, SpanUse::After].map(|span| span.parse(text));
            assert_eq!(spans, [timespan, after].map(|ms| ms.map(Duration::from_millis)), "{text}");
        }
        assert!(SpanUse::Timespan.parse("99999999999999999999d") > Some(DAY * 31));
    }
}
