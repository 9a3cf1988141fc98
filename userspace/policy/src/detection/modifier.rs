use std::fmt;

/// What follows a field's name after `|` and changes how it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Modifier {
    /// The value stands anywhere in the field.
    Contains,
    /// The field begins with the value.
    StartsWith,
    /// The field ends with the value.
    EndsWith,
    /// Every value of the list must hold, not any.
    All,
    /// Upper and lower case are different.
    Cased,
    /// The value is a regular expression.
    Re,
    /// With [`Re`](Self::Re): upper and lower case are the same.
    ReIgnoreCase,
    /// With [`Re`](Self::Re): `^` and `$` hold at every line.
    ReMultiLine,
    /// With [`Re`](Self::Re): `.` takes line ends as well.
    ReDotAll,
    /// The value tells whether the event has the field at all.
    Exists,
    /// The value is a network, such as 10.0.0.0/8.
    Cidr,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Gte,
    /// Less than.
    Lt,
    /// Less than or equal.
    Lte,
}

/// Modifiers of Sigma 2.1 that are known and not built.
const UNSUPPORTED: &[&str] = &[
    "base64",
    "base64offset",
    "day",
    "expand",
    "fieldref",
    "hour",
    "minute",
    "month",
    "neq",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
];

impl Modifier {
    /// Every modifier.
    pub const ALL: [Self; 15] = [
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::All,
        Self::Cased,
        Self::Re,
        Self::ReIgnoreCase,
        Self::ReMultiLine,
        Self::ReDotAll,
        Self::Exists,
        Self::Cidr,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
    ];

    /// The name as rules write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::All => "all",
            Self::Cased => "cased",
            Self::Re => "re",
            Self::ReIgnoreCase => "i",
            Self::ReMultiLine => "m",
            Self::ReDotAll => "s",
            Self::Exists => "exists",
            Self::Cidr => "cidr",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
        }
    }

    /// The modifier of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|modifier| modifier.name() == name)
    }

    /// Whether Sigma has a modifier of that name that is not built here.
    #[must_use]
    pub fn is_unsupported(name: &str) -> bool {
        UNSUPPORTED.contains(&name)
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
