//! A fake manager to try agents with, by hand or as a pod: prints what it sees as lines of JSON, each with the second at
//! which it was seen.
//!
//! `cargo run -p rampart-testkit --features manager --example manager -- --events 127.0.0.1:1514 --enrolment 127.0.0.1:1515
//! --password x --data FOLDER --name manager-a --role worker --names manager-a.example,10.0.0.1`: all are optional. In the folder are its keys,
//! kept from run to run, the authority to trust, and all that was printed, in `NAME.jsonl`. Managers with one folder are a
//! cluster: its master enrols, and its workers take the agents over.

mod data;

use std::{
    env,
    io::{self, Write as _},
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use data::Data;
use rampart_testkit::manager::{KeyStore, Manager, ManagerBuilder, Received, Seen};
use serde_json::{Value, json};

/// How often it looks, and so how much too late the time of an event may be.
const LOOK: Duration = Duration::from_millis(20);

fn main() -> io::Result<()> {
    let mut builder = Manager::builder();
    let (mut folder, mut name, mut is_worker) = (None, "manager".to_owned(), false);
    let mut arguments = env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| io::Error::other(format!("{option} needs a value")))?;
        let address = || value.parse().map_err(io::Error::other);
        builder = match option.as_str() {
            "--events" => builder.events_address(address()?),
            "--enrolment" => builder.enrolment_address(address()?),
            "--password" => builder.password(&value),
            "--names" => builder.certificate_names(&value.split(',').collect::<Vec<_>>()),
            "--data" => {
                folder = Some(value);
                builder
            }
            "--name" => {
                name = value;
                builder
            }
            "--role" => {
                is_worker = value == "worker";
                if is_worker { builder.worker() } else { builder }
            }
            _ => return Err(io::Error::other(format!("unknown: {option}"))),
        };
    }
    let data = folder.map(|folder| Data::open(Path::new(&folder), &name, is_worker)).transpose()?;
    run(builder, data)
}

fn run(mut builder: ManagerBuilder, mut data: Option<Data>) -> io::Result<()> {
    let keys = KeyStore::new();
    if let Some(data) = &mut data {
        builder = data.authority(builder)?;
        data.read_keys(&keys)?;
    }
    let manager = builder.keys(&keys).start()?;
    if let Some(data) = &data {
        data.keep_authority(&manager)?;
    }
    let ports = json!({
        "events": manager.events_address().to_string(),
        "enrolment": manager.enrolment_address().to_string(),
    });
    say(&mut data, ports)?;
    loop {
        for line in lines(manager.drain()) {
            say(&mut data, line)?;
        }
        if let Some(data) = &mut data {
            data.share_keys(&keys)?;
        }
        thread::sleep(LOOK);
    }
}

fn lines(seen: Seen) -> impl Iterator<Item = Value> {
    let registrations = seen.registrations.into_iter().map(|registration| {
        let is_given = registration.reply.starts_with("OSSEC K:");
        let address = registration.peer.to_string();
        json!({ "registration": registration.request.name, "given": is_given, "address": address })
    });
    let controls = seen
        .controls
        .into_iter()
        .map(|control| json!({ "agent": control.agent_id, "control": format!("{:?}", control.content) }));
    let violations = seen.violations.into_iter().map(|violation| json!({ "violation": violation }));
    let refusals = seen.refusals.into_iter().map(|refusal| json!({ "refusal": refusal }));
    let events: Vec<_> = seen.events.iter().map(event).collect();
    registrations.chain(controls).chain(events).chain(violations).chain(refusals)
}

fn event(event: &Received) -> Value {
    let text = event.text();
    let message = serde_json::from_str(&text).unwrap_or(Value::String(text));
    let queue = char::from(event.queue).to_string();
    json!({ "agent": event.agent_id, "queue": queue, "location": event.location, "message": message })
}

/// Standard output, and the journal.
#[expect(clippy::disallowed_methods, reason = "the edge of a program: when something was seen is the news")]
fn say(data: &mut Option<Data>, mut line: Value) -> io::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(io::Error::other)?;
    if let Value::Object(fields) = &mut line {
        fields.insert("seen".to_owned(), json!(now.as_secs_f64()));
    }
    if let Some(data) = data {
        data.write(&line)?;
    }
    writeln!(io::stdout(), "{line}")
}
