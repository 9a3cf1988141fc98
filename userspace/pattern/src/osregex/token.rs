/// What one byte of a line is held against.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test {
    /// This byte, ASCII letters in lower case.
    Byte(u8),
    /// A class by the letter behind its backslash.
    Class(Class),
    /// No byte at all.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Class {
    Any,
    Digit { negated: bool },
    Word { negated: bool },
    Space { negated: bool },
    Tab,
    Punctuation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    Once,
    /// `*`
    Any,
    /// `+`
    Some,
}

/// One element of a pattern, with how often it may stand there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) test: Test,
    pub(super) repeat: Repeat,
    /// It is written with a backslash.
    pub(super) escaped: bool,
    /// Right before it a group ends.
    pub(super) behind_group: bool,
}

impl Class {
    /// The class of a letter, or none: then the letter is no escape, or an escaped character.
    pub(super) const fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'.' => Self::Any,
            b'd' => Self::Digit { negated: false },
            b'D' => Self::Digit { negated: true },
            b'w' => Self::Word { negated: false },
            b'W' => Self::Word { negated: true },
            b's' => Self::Space { negated: false },
            b'S' => Self::Space { negated: true },
            b't' => Self::Tab,
            b'p' => Self::Punctuation,
            _ => return None,
        })
    }

    const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Digit { negated } => byte.is_ascii_digit() != negated,
            Self::Word { negated } => {
                (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'@')) != negated
            }
            Self::Space { negated } => (byte == b' ') != negated,
            Self::Tab => byte == b'\t',
            Self::Punctuation => {
                byte.is_ascii_punctuation()
                    && !matches!(byte, b'/' | b'\\' | b'_' | b'@' | b'~' | b'^' | b'`')
            }
        }
    }
}

impl Token {
    pub(super) const fn literal(byte: u8) -> Self {
        let test = Test::Byte(byte.to_ascii_lowercase());
        Self { test, repeat: Repeat::Once, escaped: false, behind_group: false }
    }

    /// A character that has no other meaning because of its backslash, once.
    pub(super) const fn is_escaped_character(self) -> bool {
        matches!((self.test, self.repeat), (Test::Byte(_), Repeat::Once)) && self.escaped
    }

    pub(super) const fn holds(self, byte: u8) -> bool {
        match self.test {
            Test::Byte(wanted) => byte.to_ascii_lowercase() == wanted,
            Test::Class(class) => class.holds(byte),
            Test::Nothing => false,
        }
    }
}
