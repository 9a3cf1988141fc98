use std::fmt;

macro_rules! modifiers {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// What follows a field's name after `|` and changes how it is compared: all of Sigma 2.1.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Modifier {
            $(#[doc = $doc] $variant,)*
        }

        impl Modifier {
            /// Every modifier.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name as rules write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

modifiers! {
    Contains "contains" "The value stands anywhere in the field.";
    StartsWith "startswith" "The field begins with the value.";
    EndsWith "endswith" "The field ends with the value.";
    All "all" "Every value of the list must hold, not any.";
    Cased "cased" "Upper and lower case are different.";
    Neq "neq" "The test holds where it would not without.";
    Re "re" "The value is a regular expression.";
    ReIgnoreCase "i" "With `re`: upper and lower case are the same.";
    ReMultiLine "m" "With `re`: `^` and `$` hold at every line.";
    ReDotAll "s" "With `re`: `.` takes line ends as well.";
    Exists "exists" "The value tells whether the event has the field at all.";
    Cidr "cidr" "The value is a network, such as 10.0.0.0/8.";
    Gt "gt" "Greater than.";
    Gte "gte" "Greater than or equal.";
    Lt "lt" "Less than.";
    Lte "lte" "Less than or equal.";
    FieldRef "fieldref" "The value is the name of another field, whose value is compared.";
    Expand "expand" "`%name%` in the value stands for the values of a list.";
    WinDash "windash" "A dash that begins a word stands for every kind of dash, and for a slash.";
    Base64 "base64" "The value is encoded in Base64.";
    Base64Offset "base64offset" "The value is what can be told of it inside of a longer text in Base64.";
    Wide "wide" "The value is encoded in UTF-16, the low byte first.";
    Utf16Le "utf16le" "The same as `wide`.";
    Utf16Be "utf16be" "The value is encoded in UTF-16, the high byte first.";
    Utf16 "utf16" "The same as `wide`, after the mark of the order of bytes.";
    Minute "minute" "Of the event's time, the minute.";
    Hour "hour" "Of the event's time, the hour in UTC.";
    Day "day" "Of the event's time, the day of the month.";
    Week "week" "Of the event's time, the week of the year.";
    Month "month" "Of the event's time, the month.";
    Year "year" "Of the event's time, the year.";
}

impl Modifier {
    /// The modifier of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|modifier| modifier.name() == name)
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
