//! Tests of numbers, booleans, addresses, times, and of whether a field is there.

use fastrand::Rng;
use serde_json::{Value as Json, json};

use super::Item;
use crate::event::{ADDRESSES, ALWAYS_NUMBERS, BOOLS, Choice as _, Event, NUMBERS};

const NETWORKS: [&str; 6] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8", "fe80::/10", "203.0.113.0/24"];

fn source(rng: &mut Rng, event: &Event) -> Option<(&'static str, i64)> {
    let field = rng.one_of(NUMBERS);
    Some((field, event.get(field)?.as_i64()?))
}

pub(super) fn number(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, number) = source(rng, event)?;
    Some(Item::new("number", field, "", number + i64::from(rng.u32(0..6) == 0)))
}

pub(super) fn number_list(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, number) = source(rng, event)?;
    let mut values = vec![number, number + rng.i64(1..9), rng.i64(0..70_000)];
    rng.shuffle(&mut values);
    values.truncate(rng.usize(2..4));
    Some(Item::new("number, list", field, "", values))
}

pub(super) fn number_text(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, number) = source(rng, event)?;
    Some(Item::new("number in quotes", field, "", number.to_string()))
}

/// A number by its digits.
pub(super) fn number_part(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, number) = source(rng, event)?;
    let digits = number.to_string();
    let cut = rng.usize(1..=digits.len());
    let (start, end) = (&digits[..cut], &digits[digits.len() - cut..]);
    Some(match rng.u32(0..5) {
        0 => Item::new("number, part", field, "|startswith", start),
        1 => Item::new("number, part", field, "|endswith", end),
        2 => Item::new("number, part", field, "|contains", end.parse::<i64>().ok()?),
        3 => Item::new("number, wildcard", field, "", format!("{start}*")),
        _ => Item::new("number, re", field, "|re", format!("^{start}[0-9]*$")),
    })
}

pub(super) fn bound(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, number) = source(rng, event)?;
    let (label, modifier, away) = rng.one_of([
        ("gt", "|gt", -1),
        ("gte", "|gte", 0),
        ("lt", "|lt", 1),
        ("lte", "|lte", 0),
        ("gt", "|gt", 0),
        ("gte", "|gte", 1),
        ("lt", "|lt", 0),
        ("lte", "|lte", -1),
        ("gt", "|gt", -1000),
        ("lt", "|lt", 1000),
    ]);
    Some(Item::new(label, field, modifier, number + away))
}

pub(super) fn different(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let field = rng.one_of(ALWAYS_NUMBERS);
    let number = event.get(field)?.as_i64()?;
    Some(Item::new("neq, number", field, "|neq", number + i64::from(rng.bool())))
}

pub(super) fn boolean(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let field = rng.one_of(BOOLS);
    let value = event.get(field)?.as_bool()? ^ (rng.u32(0..6) == 0);
    let quoted = rng.u32(0..4) == 0;
    Some(Item::new("boolean", field, "", if quoted { json!(value.to_string()) } else { json!(value) }))
}

fn address_of(rng: &mut Rng, event: &Event) -> Option<(&'static str, String)> {
    let field = rng.one_of(ADDRESSES);
    Some((field, event.get(field)?.as_str()?.to_owned()))
}

pub(super) fn address(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, ip) = address_of(rng, event)?;
    let value = if rng.bool() { json!(ip) } else { json!(["192.0.2.7", ip, "2001:db8::7"]) };
    Some(Item::new("address", field, "", value))
}

pub(super) fn network(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, ip) = address_of(rng, event)?;
    let (label, length) =
        if ip.contains(':') { ("cidr, v6", rng.u32(1..=128)) } else { ("cidr, v4", rng.u32(1..=32)) };
    let own = format!("{}/{length}", network_of(&ip, length));
    let value = match rng.u32(0..4) {
        0 => json!(rng.one_of(NETWORKS)),
        1 => json!([rng.one_of(NETWORKS), own]),
        _ => json!(own),
    };
    Some(Item::new(label, field, "|cidr", value))
}

/// The address with the bits beyond the length cleared: not everybody takes a network with others.
fn network_of(ip: &str, length: u32) -> String {
    match ip.parse().expect("events have addresses there") {
        std::net::IpAddr::V4(ip) => {
            std::net::Ipv4Addr::from_bits(ip.to_bits() & (u32::MAX << (32 - length))).to_string()
        }
        std::net::IpAddr::V6(ip) => {
            std::net::Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << (128 - length))).to_string()
        }
    }
}

pub(super) fn address_part(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, ip) = address_of(rng, event)?;
    let cut = rng.usize(1..ip.len());
    Some(match rng.u32(0..4) {
        0 => Item::new("address, part", field, "|startswith", &ip[..cut]),
        1 => Item::new("address, part", field, "|endswith", &ip[cut..]),
        2 => Item::new("address, wildcard", field, "", format!("{}*", &ip[..cut])),
        _ => Item::new("address, re", field, "|re", format!("^{}", regex::escape(&ip[..cut]))),
    })
}

pub(super) fn time(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let text = event.get("@timestamp")?.as_str()?.to_owned();
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().expect("times are written so");
    // Beside the event's own, another one that there is.
    let (label, modifier, number, within) = match rng.u32(0..6) {
        0 => ("minute", "|minute", number(14, 16), 7),
        1 => ("hour", "|hour", number(11, 13), 23),
        2 => ("day", "|day", number(8, 10), 31),
        3 => ("month", "|month", number(5, 7), 12),
        4 => ("week", "|week", rng.i64(1..53), 53),
        _ => ("year", "|year", number(0, 4), 1999),
    };
    let value = if rng.bool() { json!(number) } else { json!([number, within]) };
    Some(Item::new(label, "@timestamp", modifier, value))
}

/// Any field that some events of the category have and some have not: of others the product takes no rule.
fn optional(rng: &mut Rng, event: &Event) -> &'static str {
    let common =
        rng.one_of(["CurrentDirectory", "ParentImage", "process.name", "container.id", "process.setuid"]);
    let own = match event.get("category").and_then(Json::as_str) {
        Some("network_connection") => rng.one_of(["DestinationPort", "SourceIp", "Initiated"]),
        Some("file_event") => rng.one_of(["TargetFilename", "file.flags", "file.mode"]),
        _ => common,
    };
    if rng.bool() { own } else { common }
}

pub(super) fn exists(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let field = optional(rng, event);
    let value = event.contains_key(field) ^ (rng.u32(0..5) == 0);
    Some(Item::new(if value { "exists" } else { "exists not" }, field, "|exists", value))
}

pub(super) fn null(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    Some(Item::new("null", optional(rng, event), "", Json::Null))
}

pub(super) fn reference(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, other) = rng.one_of([
        ("Image", "ParentImage"),
        ("ParentImage", "Image"),
        ("process.name", "User"),
        ("ProcessId", "ParentProcessId"),
        ("SourceIp", "DestinationIp"),
        ("TargetFilename", "Image"),
    ]);
    let value = event.get(field)?.clone();
    let value = match value {
        Json::String(text) if other != "DestinationIp" && rng.bool() => {
            json!(crate::word::recase(rng, &text))
        }
        value => value,
    };
    if rng.u32(0..6) != 0 {
        event.insert(other.to_owned(), value);
    }
    let cased = if rng.u32(0..4) == 0 { "|fieldref|cased" } else { "|fieldref" };
    let cased = if ["ProcessId", "SourceIp"].contains(&field) { "|fieldref" } else { cased };
    Some(Item::new("fieldref", field, cased, other))
}
