//! What a guest says on its console; guest/suite.sh writes the lines that are looked for.

const PROBE_BEGINS: &str = "rampart-vm: probe begins";
const PROBE_ENDS: &str = "rampart-vm: probe ends";
const ENDED: &str = "rampart-vm: ended with status ";

/// A line as a person may see it: without what moves a terminal's cursor or clears it.
pub(super) fn cleaned(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.chars().filter(|letter| *letter == '\t' || !letter.is_control()).collect()
}

/// Whether `line` is of the probe, which is for programs to read, when the one before it `was` or was not.
pub(super) fn is_probe(was: bool, line: &str) -> bool {
    (was || line.contains(PROBE_BEGINS)) && !line.contains(PROBE_ENDS)
}

/// The guest's last word, when `line` is it.
pub(super) fn status(line: &str) -> Option<i32> {
    let (_, status) = line.split_once(ENDED)?;
    status.trim().parse().ok()
}

/// Everything that `rampart probe` printed.
pub(super) fn probe(lines: &[String]) -> Option<String> {
    let place = |mark: &str| lines.iter().position(|line| line.contains(mark));
    let printed = lines.get(place(PROBE_BEGINS)? + 1..place(PROBE_ENDS)?)?;
    Some(printed.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{cleaned, is_probe, probe, status};

    #[test]
    fn the_last_line_is_known_wherever_it_starts() {
        for (line, expected) in [
            ("rampart-vm: ended with status 0", Some(0)),
            ("test a ... rampart-vm: ended with status 101", Some(101)),
            ("rampart-vm: ended with status ", None),
            ("ended with status 0", None),
        ] {
            assert_eq!(status(line), expected, "{line}");
        }
    }

    #[test]
    fn the_probe_stands_between_its_marks() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let whole = "boot\nrampart-vm: probe begins\n{\n}\nrampart-vm: probe ends\nmore";
        assert_eq!(probe(&lines(whole)).unwrap(), "{\n}");
        for broken in
            ["boot", "rampart-vm: probe begins\n{", "rampart-vm: probe ends\nrampart-vm: probe begins"]
        {
            assert!(probe(&lines(broken)).is_none(), "{broken}");
        }
    }

    #[test]
    fn the_probe_is_told_from_the_rest() {
        let mut is_it = false;
        let mut shown = Vec::new();
        for line in ["boot", "rampart-vm: probe begins", "{", "}", "rampart-vm: probe ends", "test a"] {
            is_it = is_probe(is_it, line);
            shown.extend((!is_it).then_some(line));
        }
        assert_eq!(shown, ["boot", "rampart-vm: probe ends", "test a"]);
    }

    #[test]
    fn a_terminal_is_left_as_it_is() {
        assert_eq!(cleaned(b"a\tb\x1b[2J\x07\r\n"), "a\tb[2J");
    }
}
