//! Events as both sides read them: one flat JSON object with the product's fields, each with a value of its type.

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};

use crate::word;

/// One event.
pub(crate) type Event = Map<String, Json>;

/// The categories that the rules are for.
pub(crate) const CATEGORIES: [&str; 3] = ["process_creation", "network_connection", "file_event"];

/// Text that every event has, and keeps: what `neq` says of a field that is not there is open.
pub(crate) const ALWAYS: [&str; 3] = ["Image", "CommandLine", "User"];

/// Numbers that every event has, and keeps.
pub(crate) const ALWAYS_NUMBERS: [&str; 2] = ["ProcessId", "user.id"];

/// Text that most events have.
pub(crate) const TEXTS: [&str; 9] = [
    "Image",
    "CommandLine",
    "User",
    "CurrentDirectory",
    "ParentImage",
    "process.name",
    "container.id",
    "TargetFilename",
    "file.flags",
];

/// The one text with line ends: `*` and `.` are of two minds about them, so no wildcard looks at it.
pub(crate) const LINES: &str = "ParentCommandLine";

/// Number fields.
pub(crate) const NUMBERS: [&str; 5] =
    ["ProcessId", "ParentProcessId", "user.id", "DestinationPort", "file.mode"];

/// Fields that are true or false.
pub(crate) const BOOLS: [&str; 3] = ["process.executable.memfd", "process.setuid", "Initiated"];

/// Address fields.
pub(crate) const ADDRESSES: [&str; 2] = ["DestinationIp", "SourceIp"];

/// An event of a category, whose fields rules then look at and change.
pub(crate) fn any(rng: &mut Rng, category: &str) -> Event {
    let mut event = Event::new();
    let mut set = |name: &str, value: Json| {
        event.insert(name.to_owned(), value);
    };
    set("category", json!(category));
    set("@timestamp", json!(time(rng)));
    set("Image", json!(word::path(rng)));
    set("CommandLine", json!(word::command_line(rng)));
    set("User", json!(rng.one_of(["root", "www-data", "jürgen", "Ольга", "1000", "svc_backup"])));
    set("ProcessId", json!(rng.u32(2..4_000_000)));
    set("user.id", json!(rng.u32(0..70_000)));
    for (name, share) in [("process.executable.memfd", 7), ("process.setuid", 9)] {
        if rng.u32(0..10) < share {
            set(name, json!(rng.bool()));
        }
    }
    if rng.u32(0..10) < 8 {
        set("CurrentDirectory", json!(word::path(rng)));
        set("ParentImage", json!(word::path(rng)));
        set("ParentProcessId", json!(rng.u32(1..4_000_000)));
        set("process.name", json!(word::name(rng)));
    }
    if rng.u32(0..10) < 7 {
        set(LINES, json!(lines(rng)));
    }
    if rng.u32(0..10) < 4 {
        set("container.id", json!(format!("{:016x}", rng.u64(..))));
    }
    match category {
        "network_connection" => network(rng, set),
        "file_event" => {
            set("TargetFilename", json!(word::path(rng)));
            set(
                "file.flags",
                json!(rng.one_of(["wronly,creat,trunc", "rdwr", "wronly,append", "rdwr,creat"])),
            );
            set("file.mode", json!(rng.u32(0..0o777)));
        }
        _ => {}
    }
    event
}

fn network(rng: &mut Rng, mut set: impl FnMut(&str, Json)) {
    let six = rng.u32(0..3) == 0;
    set("Initiated", json!(true));
    set("Protocol", json!(rng.one_of(["tcp", "udp"])));
    set("DestinationIp", json!(address(rng, six)));
    set("DestinationPort", json!(rng.one_of([22, 53, 80, 443, 3333, 8080, 65535])));
    set("SourceIp", json!(address(rng, six)));
    set("SourcePort", json!(rng.u32(1024..65536)));
}

/// An address as the library writes it: what is said of other forms differs.
fn address(rng: &mut Rng, six: bool) -> String {
    if six {
        let head = rng.one_of([0xfd00_u128, 0xfe80, 0x2001, 0x2606]);
        return std::net::Ipv6Addr::from_bits(head << 112 | u128::from(rng.u32(..))).to_string();
    }
    let [_, b, c, d] = rng.u32(..).to_be_bytes();
    let a = rng.one_of([10, 172, 192, 203]);
    format!("{a}.{b}.{c}.{d}")
}

fn time(rng: &mut Rng) -> String {
    let (month, day) = (rng.u32(1..13), rng.u32(1..29));
    let (hour, minute, second) = (rng.u32(0..24), rng.u32(0..60), rng.u32(0..60));
    format!("{}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", rng.one_of([2025, 2026, 2027]))
}

fn lines(rng: &mut Rng) -> String {
    let count = rng.usize(1..4);
    (0..count).map(|_| word::command_line(rng)).collect::<Vec<_>>().join("\n")
}

/// One of a list, by value: the lists are written out.
pub(crate) trait Choice {
    /// One of them.
    fn one_of<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T;
}

impl Choice for Rng {
    fn one_of<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        of[self.usize(0..N)]
    }
}

/// Another event that differs from this one in one of `fields`, and mostly by little.
pub(crate) fn near(rng: &mut Rng, event: &Event, fields: &[String]) -> Event {
    let mut other = event.clone();
    let there: Vec<&String> = fields.iter().filter(|field| event.contains_key(*field)).collect();
    if there.is_empty() {
        return other;
    }
    let field = there[rng.usize(0..there.len())];
    let name = field.as_str();
    let stays = ALWAYS.contains(&name) || ALWAYS_NUMBERS.contains(&name) || name == "@timestamp";
    if !stays && rng.u32(0..6) == 0 {
        other.remove(field);
        return other;
    }
    let value = match &event[field] {
        Json::String(text) if field == "@timestamp" => json!(other_time(rng, text)),
        Json::String(text) if ADDRESSES.contains(&field.as_str()) => json!(other_address(rng, text)),
        Json::String(text) => json!(word::other(rng, text)),
        Json::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            json!(if rng.bool() { number + 1 } else { (number - 1).max(0) })
        }
        Json::Bool(value) => json!(!value),
        other => other.clone(),
    };
    other.insert(field.clone(), value);
    other
}

fn other_address(rng: &mut Rng, text: &str) -> String {
    match text.parse().expect("events have addresses there") {
        std::net::IpAddr::V4(ip) => {
            std::net::Ipv4Addr::from_bits(ip.to_bits() ^ 1 << rng.u32(0..32)).to_string()
        }
        // Only the lower half, or the upper bits could make it another kind of address.
        std::net::IpAddr::V6(ip) => {
            std::net::Ipv6Addr::from_bits(ip.to_bits() ^ 1 << rng.u32(0..64)).to_string()
        }
    }
}

fn other_time(rng: &mut Rng, text: &str) -> String {
    let fresh = time(rng);
    // The date of one and the time of the other.
    if rng.bool() {
        format!("{}{}", &text[..10], &fresh[10..])
    } else {
        format!("{}{}", &fresh[..10], &text[10..])
    }
}
