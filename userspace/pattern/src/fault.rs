use crate::MAX_LENGTH;

/// Why a text is no pattern. Offsets are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is longer than [`MAX_LENGTH`].
    #[error("{length} bytes are too long for a pattern: at most {MAX_LENGTH}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// osregex knows the backslash only before `( ) \ $ | <` and the letters of its classes.
    #[error("`\\{escaped}` at byte {offset} is no escape of osregex")]
    Escape {
        /// Where the backslash is.
        offset: usize,
        /// What follows it.
        escaped: char,
    },
    /// A backslash with nothing behind it.
    #[error("the backslash at the end escapes nothing")]
    OpenEscape,
    /// A parenthesis of osregex without its counterpart, or inside of another pair.
    #[error(
        "the parenthesis at byte {offset} has no counterpart, or is inside of another pair: write `\\(` or `\\)` for the character"
    )]
    Parenthesis {
        /// Where it is.
        offset: usize,
    },
    /// osregex knows `|` only outside of parentheses.
    #[error("the `|` at byte {offset} is inside of parentheses: write `\\|` for the character")]
    Alternative {
        /// Where it is.
        offset: usize,
    },
    /// What PCRE2 says; also when the compiled pattern would be too large.
    #[error("PCRE2 says at byte {offset}: {message}")]
    Pcre2 {
        /// Where it stopped.
        offset: usize,
        /// Its words.
        message: Box<str>,
    },
}

/// The match was given up: it took more steps than one line may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pattern takes too many steps on this line")]
pub struct Exhausted;
