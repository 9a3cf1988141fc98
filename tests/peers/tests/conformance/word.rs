//! Text of events: paths and command lines, ordinary ones and such as need care.

use fastrand::Rng;

use crate::event::Choice as _;

const FOLDERS: [&str; 10] = [
    "/usr/bin",
    "/bin",
    "/usr/sbin",
    "/opt/app/bin",
    "/tmp",
    "/dev/shm",
    "/var/tmp/.x",
    "/home/jürgen",
    "/srv/Ünits",
    "/usr/local/lib",
];

const NAMES: [&str; 16] = [
    "bash",
    "sh",
    "python3.11",
    "curl",
    "wget",
    "nc",
    "gcc",
    "apt-get",
    "systemd",
    "containerd-shim",
    "sshd",
    "Xorg",
    "BusyBox",
    "perl",
    "find",
    "tar",
];

const ARGUMENTS: [&str; 26] = [
    "-c",
    "--verbose",
    "-rf",
    "/etc/passwd",
    "/etc/shadow",
    "https://example.org/a?b=c",
    "*.log",
    "what?",
    r"C:\Temp\x",
    r"\\server\share",
    r"a\*b",
    "'quoted text'",
    "\"double\"",
    "$(id)",
    "`id`",
    "|",
    "100%",
    "größe=10",
    "ключ",
    "key: value",
    "#comment",
    "{a,b}",
    "[0-9]",
    r"end\",
    "-o=x",
    "/dev/tcp/203.0.113.7/9001",
];

/// What a character is changed into.
const OTHERS: [char; 12] = ['a', 'Z', '0', '~', '*', '?', '\\', 'ä', '/', '-', ' ', '.'];

pub(crate) fn name(rng: &mut Rng) -> &'static str {
    rng.one_of(NAMES)
}

pub(crate) fn path(rng: &mut Rng) -> String {
    format!("{}/{}", rng.one_of(FOLDERS), name(rng))
}

pub(crate) fn command_line(rng: &mut Rng) -> String {
    let mut line = name(rng).to_owned();
    for _ in 0..rng.usize(1..6) {
        line += " ";
        line += rng.one_of(ARGUMENTS);
    }
    line
}

/// The text with another character somewhere, one more, or one less.
pub(crate) fn other(rng: &mut Rng, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = rng.usize(0..=characters.len());
    let fresh = rng.one_of(OTHERS);
    match characters.get(at).copied() {
        Some(old) => match rng.u32(0..5) {
            0 => characters.insert(at, fresh),
            1 => {
                characters.remove(at);
            }
            2 => characters[at] = other_case(old),
            _ => characters[at] = fresh,
        },
        None => characters.push(fresh),
    }
    characters.into_iter().collect()
}

/// The letter's other case, where it has one that is one character.
pub(crate) fn other_case(letter: char) -> char {
    let one = |mut cases: Box<dyn Iterator<Item = char>>| match (cases.next(), cases.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let other = if letter.is_lowercase() {
        one(Box::new(letter.to_uppercase()))
    } else {
        one(Box::new(letter.to_lowercase()))
    };
    other.unwrap_or(letter)
}

/// The text in another mixture of cases.
pub(crate) fn recase(rng: &mut Rng, text: &str) -> String {
    text.chars().map(|letter| if rng.u32(0..4) == 0 { other_case(letter) } else { letter }).collect()
}

/// A piece of the text, of `least` characters or more; all of it where it is shorter.
pub(crate) fn piece(rng: &mut Rng, text: &str, least: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= least {
        return text.to_owned();
    }
    let from = rng.usize(0..characters.len() - least);
    let to = rng.usize(from + least..=characters.len());
    characters[from..to].iter().collect()
}
