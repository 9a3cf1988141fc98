//! The lines of a command's output, as the stock agent sees them.

use std::{borrow::Cow, iter};

/// As many lines there are at most; the last holds all that is left, with its line feeds.
const LINES: usize = 256;

/// The lines of an output. There is always one: a silent command's is empty, and so is what comes after the last line
/// feed. A backslash before a line feed makes that an ordinary letter of its line. A NUL byte ends the output.
pub(super) fn lines(output: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = output.split(|byte| *byte == 0).next();
    let mut left = LINES;
    iter::from_fn(move || {
        let text = rest.take()?;
        left -= 1;
        if left == 0 {
            return Some(Cow::Borrowed(text));
        }
        let (line, after) = first(text);
        rest = after;
        Some(line)
    })
}

fn first(text: &[u8]) -> (Cow<'_, [u8]>, Option<&[u8]>) {
    let mut line = Cow::Borrowed(&b""[..]);
    let mut rest = text;
    loop {
        let mut parts = rest.splitn(2, |byte| *byte == b'\n');
        let part = parts.next().unwrap_or_default();
        let after = parts.next();
        match (part.strip_suffix(b"\\"), after) {
            (Some(part), Some(after)) => {
                let line = line.to_mut();
                line.extend_from_slice(part);
                line.push(b'\n');
                rest = after;
            }
            _ if line.is_empty() => return (Cow::Borrowed(part), after),
            _ => {
                line.to_mut().extend_from_slice(part);
                return (line, after);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LINES, lines};

    #[test]
    fn lines_are_those_of_the_stock_agent() {
        let table: [(&[u8], &[&[u8]]); 7] = [
            (b"", &[b""]),
            (b"one", &[b"one"]),
            (b"one\n", &[b"one", b""]),
            (b"\n\nx", &[b"", b"", b"x"]),
            (b"a\\\nb\nc\\", &[b"a\nb", b"c\\"]),
            (b"\\\n\\\nb\r\n", &[b"\n\nb\r", b""]),
            (b"a\nb\0c\nd", &[b"a", b"b"]),
        ];
        for (output, expected) in table {
            assert_eq!(lines(output).collect::<Vec<_>>(), expected, "{output:?}");
        }
    }

    #[test]
    fn the_last_line_holds_the_rest() {
        let output = b"x\n".repeat(300);
        let all: Vec<_> = lines(&output).collect();
        assert_eq!((all.len(), all.last().unwrap().len()), (LINES, (300 - (LINES - 1)) * 2));
    }
}
