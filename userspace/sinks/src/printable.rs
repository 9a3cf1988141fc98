//! Text that others chose, for the eyes of people.

/// The first `longest` characters, with `…` where there are more. Control characters are shown, not obeyed: a process
/// chooses its arguments, and must not write to the reader's terminal with them.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for character in text.chars().take(longest) {
        if character.is_control() || is_invisible(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    if text.chars().nth(longest).is_some() {
        out.push('…');
    }
    out
}

/// Characters that change what the others look like: zero-width ones, and those that turn the direction round.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_process_cannot_write_to_the_terminal() {
        for (text, expected) in [
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("x\ny", "x\\ny"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("grün", "grün"),
        ] {
            assert_eq!(shown(text, 300), expected);
        }
        assert_eq!(shown(&"x".repeat(400), 300).chars().count(), 301);
    }
}
