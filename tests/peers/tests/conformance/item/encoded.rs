//! Tests of text that is encoded in the event: Base64 of bytes and of UTF-16, and the many dashes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fastrand::Rng;
use serde_json::json;

use super::Item;
use crate::{
    event::{Choice as _, Event},
    word,
};

/// What is hidden: at least two characters, for the middle one is what a near miss changes.
const SECRETS: [&str; 8] = [
    "/bin/sh -i",
    "http://198.51.100.9/a",
    "whoami",
    "IEX (New",
    "cat /etc/passwd",
    "curl -s",
    "größer",
    "id;uname",
];

/// How the text becomes bytes.
#[derive(Clone, Copy)]
enum Form {
    Utf8,
    Wide,
    Utf16le,
    Utf16be,
    Utf16,
}

impl Form {
    const fn modifier(self) -> &'static str {
        match self {
            Self::Utf8 => "",
            Self::Wide => "|wide",
            Self::Utf16le => "|utf16le",
            Self::Utf16be => "|utf16be",
            Self::Utf16 => "|utf16",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "base64offset",
            Self::Wide => "base64offset, wide",
            Self::Utf16le => "base64offset, utf16le",
            Self::Utf16be => "base64offset, utf16be",
            Self::Utf16 => "base64offset, utf16",
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Wide | Self::Utf16le => little().collect(),
            Self::Utf16be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf16 => [0xff, 0xfe].into_iter().chain(little()).collect(),
        }
    }
}

const FORMS: [Form; 5] = [Form::Utf8, Form::Wide, Form::Utf16le, Form::Utf16be, Form::Utf16];

/// A text that no other rule looks for: in another form or at another place it would be found but for its last letter,
/// about which the two engines differ.
fn secret(rng: &mut Rng) -> String {
    let more: String = (0..4).map(|_| rng.alphanumeric()).collect();
    rng.one_of(SECRETS).to_owned() + &more
}

/// The text with another letter in its middle.
fn spoilt(text: &str) -> String {
    let middle = text.chars().count() / 2;
    text.chars().enumerate().map(|(at, letter)| if at == middle { 'Q' } else { letter }).collect()
}

fn case(rng: &mut Rng) -> &'static str {
    if rng.bool() { "|cased" } else { "" }
}

fn hidden(rng: &mut Rng, secret: &str) -> String {
    if rng.u32(0..5) == 0 { spoilt(secret) } else { secret.to_owned() }
}

pub(super) fn base64(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (secret, form) = (secret(rng), rng.one_of(FORMS));
    let cased = case(rng);
    let encoded = STANDARD.encode(form.bytes(&hidden(rng, &secret)));
    let (label, last, text) = match rng.u32(0..2) {
        0 => ("base64", "", encoded),
        _ => ("base64, contains", "|contains", format!("echo {encoded} | base64 -d")),
    };
    event.insert("CommandLine".to_owned(), json!(text));
    Some(Item::new(label, "CommandLine", &format!("{}|base64{last}{cased}", form.modifier()), secret))
}

/// What is hidden stands at the end of what was encoded, because the peer keeps the last letter, which depends on
/// what follows.
pub(super) fn base64_offset(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (secret, form) = (secret(rng), rng.one_of(FORMS));
    let before = b"#!/a".get(..rng.usize(0..5)).unwrap_or_default();
    let all = [before, &form.bytes(&hidden(rng, &secret))].concat();
    let cased = case(rng);
    event.insert("CommandLine".to_owned(), json!(format!("x {}", STANDARD.encode(all))));
    Some(Item::new(
        form.label(),
        "CommandLine",
        &format!("{}|base64offset|contains{cased}", form.modifier()),
        secret,
    ))
}

/// The value with its hyphens, the event with something else in their place. All of them begin a word: what of one
/// within a word, such as in `apt-get`, is open.
pub(super) fn dash(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let value = rng.one_of([" -exec", " -o ", " -enc -nop", " -a", " -z"]);
    let text: String =
        value
            .chars()
            .map(|letter| {
                if letter == '-' {
                    rng.one_of(['-', '/', '–', '—', '―', '-', '/', '+'])
                } else {
                    letter
                }
            })
            .collect();
    let cased = case(rng);
    let (before, after) = (rng.one_of(["sh", "perl", "Xorg"]), word::name(rng));
    event.insert("CommandLine".to_owned(), json!(format!("{before}{text} {after}")));
    Some(match rng.u32(0..3) {
        0 => Item::new(
            "windash, startswith",
            "CommandLine",
            &format!("|windash|startswith{cased}"),
            format!("{before}{value}"),
        ),
        1 => Item::new(
            "windash, list",
            "CommandLine",
            &format!("|windash|contains{cased}"),
            vec![value, " -never"],
        ),
        _ => Item::new("windash", "CommandLine", &format!("|windash|contains{cased}"), value),
    })
}
