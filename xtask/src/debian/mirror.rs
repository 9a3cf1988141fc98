//! The machine's own Debian mirror, pointed at another suite.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

const SOURCES: &str = "/etc/apt/sources.list.d/debian.sources";
const SOURCES_LIST: &str = "/etc/apt/sources.list";

/// An apt source in the form of the file it was copied from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `sources` or `list`: apt tells the two forms by the file's name.
    pub(super) extension: &'static str,
    /// What goes into that file.
    pub(super) text: String,
}

/// The machine's Debian entry with its suite replaced: same mirror, same keys.
pub(super) fn pointed_at(suite: &str) -> Result<Source> {
    if Path::new(SOURCES).is_file() {
        return from_stanzas(&read(SOURCES)?, suite).with_context(|| SOURCES.to_owned());
    }
    if Path::new(SOURCES_LIST).is_file() {
        return from_lines(&read(SOURCES_LIST)?, suite).with_context(|| SOURCES_LIST.to_owned());
    }
    bail!("this machine has neither {SOURCES} nor {SOURCES_LIST}: is it a Debian?")
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

fn from_stanzas(text: &str, suite: &str) -> Result<Source> {
    for stanza in text.split("\n\n") {
        let lines: Vec<&str> =
            stanza.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        let is_main = |line: &str| line.starts_with("Suites:") && !line.contains("-security");
        if !lines.iter().any(|line| is_main(line)) {
            continue;
        }
        let replaced = lines.iter().map(|line| {
            if line.starts_with("Suites:") { format!("Suites: {suite}\n") } else { format!("{line}\n") }
        });
        return Ok(Source { extension: "sources", text: replaced.collect() });
    }
    bail!("no entry for a suite that is not a security suite")
}

fn from_lines(text: &str, suite: &str) -> Result<Source> {
    for line in text.lines().filter(|line| line.starts_with("deb ") && !line.contains("-security")) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let uri = words.iter().position(|word| word.contains("://"));
        if let Some(old) = uri.and_then(|index| words.get_mut(index + 1)) {
            *old = suite;
            return Ok(Source { extension: "list", text: format!("{}\n", words.join(" ")) });
        }
    }
    bail!("no `deb` line for a suite that is not a security suite")
}

#[cfg(test)]
mod tests {
    use super::{from_lines, from_stanzas};

    #[test]
    fn a_stanza_keeps_its_mirror_and_keys() {
        let text = "Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\n\n\
                    # note\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n\
                    Components: main\nSigned-By: /keys.gpg\n";
        assert_eq!(
            from_stanzas(text, "other").unwrap().text,
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: other\nComponents: main\n\
             Signed-By: /keys.gpg\n"
        );
    }

    #[test]
    fn a_line_keeps_its_options() {
        let text = "# old\ndeb http://m.example/s bookworm-security main\n\
                    deb [signed-by=/k.gpg] http://m.example/debian bookworm main contrib\n";
        let source = from_lines(text, "other").unwrap();
        assert_eq!(source.text, "deb [signed-by=/k.gpg] http://m.example/debian other main contrib\n");
        assert_eq!(source.extension, "list");
    }

    #[test]
    fn a_machine_with_security_entries_only_is_refused() {
        assert!(from_stanzas("Suites: bookworm-security\n", "other").is_err());
        assert!(from_lines("deb http://m.example/s bookworm-security main\n", "other").is_err());
    }
}
