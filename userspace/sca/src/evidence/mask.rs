//! Lines that people may see.

use crate::{evidence::Line, observation::Excerpt};

/// Characters of a line that are shown.
const SHOWN: usize = 200;

const MASK: &str = "***";

/// Words after which a secret stands: behind `=` or `:`, or as the next word.
const SECRETS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "private_key",
    "credential",
];

/// From this length on, a word of hexadecimal or base64 digits alone is taken for a key or a hash.
const KEY_LENGTH: usize = 32;

/// The line as it may be shown.
pub(crate) fn shown(excerpt: &Excerpt) -> Line {
    let text = String::from_utf8_lossy(&excerpt.text);
    let printable: String = text
        .chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect();
    let masked = mask(&printable);
    let mut text: String = masked.chars().take(SHOWN).collect();
    if text.len() < masked.len() {
        text.push('…');
    }
    Line { number: excerpt.number, text }
}

fn mask(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut secret_follows = false;
    for piece in line.split_inclusive([' ', '=', ':', ',', ';', '"', '\'']) {
        let word = piece.trim_end_matches([' ', '=', ':', ',', ';', '"', '\'']);
        let separator = piece.get(word.len()..).unwrap_or_default();
        if word.is_empty() {
            out.push_str(separator);
        } else if (secret_follows && !is_plain(word)) || looks_like_key(word) {
            out.push_str(MASK);
            out.push_str(separator);
            secret_follows = false;
        } else {
            secret_follows = names_a_secret(word);
            out.push_str(piece);
        }
    }
    out
}

/// Words that say how a secret is dealt with, and are none.
fn is_plain(word: &str) -> bool {
    let plain = ["yes", "no", "true", "false", "requisite", "required", "sufficient", "optional"];
    plain.iter().any(|known| word.eq_ignore_ascii_case(known))
        || word.starts_with(['/', '-', '['])
        || word.contains(".so")
        || (word.len() < 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn names_a_secret(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    // PasswordAuthentication, PASS_MAX_DAYS or pam_pwquality are about passwords and hold none.
    SECRETS.iter().any(|secret| word.ends_with(secret))
}

fn looks_like_key(word: &str) -> bool {
    // crypt(5): $6$salt$hash.
    let is_hash = word.starts_with('$') && word.matches('$').count() >= 3;
    is_hash || word.split('.').any(is_key)
}

/// Keys stand without dots, but for those between the parts of a token; names such as net.ipv4.ip_forward with many.
fn is_key(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    part.len() >= KEY_LENGTH
        && digits * 16 >= part.len()
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+_-".contains(&byte))
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_settings_are_not() {
        for (line, expected) in [
            ("root:$6$salt$hash:19000:0:99999:7:::", "root:***:19000:0:99999:7:::"),
            ("password = hunter2!", "password = ***"),
            ("--token abcdefg.0123456789abcdef rest", "--token *** rest"),
            ("\"password\": \"hunter22\",", "\"password\": \"***\","),
            ("PasswordAuthentication no", "PasswordAuthentication no"),
            ("password requisite pam_pwquality.so retry=3", "password requisite pam_pwquality.so retry=3"),
            (
                "password [success=1 default=ignore] pam_unix.so",
                "password [success=1 default=ignore] pam_unix.so",
            ),
            ("PASS_MAX_DAYS 365", "PASS_MAX_DAYS 365"),
            ("aescbc key 0123456789abcdef0123456789abcdef", "aescbc key ***"),
            ("eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMzQ1Njc4OTAifQ.e30.x", "***"),
            (
                "net.ipv4.conf.default.accept_source_route = 1",
                "net.ipv4.conf.default.accept_source_route = 1",
            ),
            ("--client-ca-file=/etc/kubernetes/pki/ca.crt", "--client-ca-file=/etc/kubernetes/pki/ca.crt"),
            ("a\tb\u{1b}[31m", "a b\u{fffd}[31m"),
        ] {
            let excerpt = Excerpt { number: 1, text: line.as_bytes().to_vec() };
            assert_eq!(shown(&excerpt).text, expected);
        }
    }

    #[test]
    fn long_lines_are_cut() {
        let excerpt = Excerpt { number: 7, text: "ab ".repeat(200).into_bytes() };
        assert_eq!(shown(&excerpt).text.chars().count(), SHOWN + 1);
    }
}
