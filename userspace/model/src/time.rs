use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A moment in wall-clock time: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The start of 1970, for tests and for events whose time is unknown.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// Nanoseconds since the epoch; a value outside jiff's range (year 9999) is clamped.
    #[must_use]
    pub fn from_nanos(nanos: i128) -> Self {
        let clamp = if nanos < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_nanosecond(nanos).unwrap_or(clamp))
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn as_nanos(self) -> i128 {
        self.0.as_nanosecond()
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn as_seconds(self) -> i64 {
        i64::try_from(self.as_nanos().div_euclid(1_000_000_000)).unwrap_or_default()
    }

    /// 0 to 59.
    #[must_use]
    pub fn minute(self) -> i8 {
        self.utc().minute()
    }

    /// 0 to 23, in UTC.
    #[must_use]
    pub fn hour(self) -> i8 {
        self.utc().hour()
    }

    /// Day of the month, in UTC.
    #[must_use]
    pub fn day(self) -> i8 {
        self.utc().day()
    }

    /// ISO 8601's week, 1 to 53, in UTC.
    #[must_use]
    pub fn week(self) -> i8 {
        self.utc().date().iso_week_date().week()
    }

    /// 1 to 12, in UTC.
    #[must_use]
    pub fn month(self) -> i8 {
        self.utc().month()
    }

    /// The year, in UTC.
    #[must_use]
    pub fn year(self) -> i16 {
        self.utc().year()
    }

    fn utc(self) -> jiff::civil::DateTime {
        jiff::tz::Offset::UTC.to_datetime(self.0)
    }

    /// The moment that is so much later, or the last one there is.
    #[must_use]
    pub fn after(self, span: std::time::Duration) -> Self {
        self.0.checked_add(span).map_or(Self(jiff::Timestamp::MAX), Self)
    }

    /// How long ago another moment was; zero if it is yet to come.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        self.0.duration_since(earlier.0).try_into().unwrap_or_default()
    }
}

/// RFC 3339 in UTC with nanoseconds, the form ECS asks for in `@timestamp`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}
