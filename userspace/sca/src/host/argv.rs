//! A command line taken apart as the stock agent does it, without a shell.

use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

/// A command line's words, as the stock agent (Wazuh 4.x) takes it apart.
///
/// Words stand between spaces. Double quotes hold a word together and are left out; a backslash makes the next letter an
/// ordinary one, in quotes too. Single quotes are ordinary.
pub fn words(line: &str) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quoted = false;
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' if !quoted => words.extend(word.take()),
            b'"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            b'\\' => word.get_or_insert_default().push(bytes.next().unwrap_or(byte)),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    words.into_iter().map(OsString::from_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::words as split;

    #[test]
    fn words_are_those_of_the_stock_agent() {
        let table: [(&str, &[&str]); 9] = [
            ("", &[]),
            ("  ", &[]),
            ("sysctl  net.ipv4.ip_forward ", &["sysctl", "net.ipv4.ip_forward"]),
            (r#"sh -c "a  b" c"#, &["sh", "-c", "a  b", "c"]),
            (r#"grep "\"x\" \\" f"#, &["grep", r#""x" \"#, "f"]),
            (r"a\ b c\\", &["a b", r"c\"]),
            ("awk '{print $1}'", &["awk", "'{print", "$1}'"]),
            (r#"a "" b"c"#, &["a", "", "bc"]),
            ("tab\tstays", &["tab\tstays"]),
        ];
        for (line, words) in table {
            assert_eq!(split(line), words, "{line}");
        }
    }
}
