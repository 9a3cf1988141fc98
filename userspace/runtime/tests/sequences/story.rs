use std::time::Duration;

use rampart_model::{Category, Record, Timestamp};
use rampart_policy::yaml;

/// One event and what it raises.
pub(crate) struct Story {
    /// The line of the file, from 1.
    pub(crate) number: usize,
    pub(crate) event: Record,
    pub(crate) raised: Vec<String>,
}

impl Story {
    /// `#> 2s {Image: /bin/sh}`, and below `#= Title` for everything that it raises.
    pub(crate) fn parse(text: &str) -> Vec<Self> {
        let mut stories: Vec<Self> = Vec::new();
        let mut now = Timestamp::from_nanos(1_767_225_600_000_000_000);
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(event) = line.strip_prefix("#> ") {
                let (after, fields) = event.split_once(' ').unwrap();
                now = now.after(duration(after));
                stories.push(Self { number, event: record(fields, now), raised: Vec::new() });
            } else if let Some(title) = line.strip_prefix("#= ") {
                stories.last_mut().unwrap().raised.push(title.to_owned());
            }
        }
        stories
    }
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap());
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => panic!("{text}"),
    };
    Duration::from_secs_f64(number.parse::<f64>().unwrap() * seconds)
}

fn record(fields: &str, time: Timestamp) -> Record {
    let mut json: serde_json::Map<String, serde_json::Value> = yaml::deserialize(fields).unwrap();
    json.entry("category").or_insert_with(|| Category::ProcessCreation.name().into());
    json.insert("@timestamp".to_owned(), time.to_string().into());
    Record::from_json(&json.into()).unwrap()
}
