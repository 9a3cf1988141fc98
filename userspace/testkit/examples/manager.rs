//! A fake manager to try agents with by hand: prints what it sees as lines of JSON.
//!
//! `cargo run -p rampart-testkit --example manager -- --events 127.0.0.1:1514 --enrolment 127.0.0.1:1515 --password x
//! --data FOLDER`: all are optional. In the folder are its keys, kept from run to run, and the authority to trust.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rampart_testkit::manager::{KeyStore, Manager};
use serde_json::{Value, json};

const KEYS: &str = "client.keys";
const AUTHORITY: &str = "authority.pem";

/// How often it looks.
const LOOK: Duration = Duration::from_millis(100);

fn main() -> io::Result<()> {
    let mut builder = Manager::builder();
    let mut data = None;
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| io::Error::other(format!("{name} needs a value")))?;
        let address = || value.parse().map_err(io::Error::other);
        builder = match name.as_str() {
            "--events" => builder.events_address(address()?),
            "--enrolment" => builder.enrolment_address(address()?),
            "--password" => builder.password(&value),
            "--data" => {
                data = Some(PathBuf::from(value));
                builder
            }
            _ => return Err(io::Error::other(format!("unknown: {name}"))),
        };
    }
    let keys = KeyStore::new();
    if let Some(folder) = &data {
        load(&keys, folder)?;
    }
    let manager = builder.keys(&keys).start()?;
    if let Some(folder) = &data {
        fs::write(folder.join(AUTHORITY), manager.authority_pem())?;
    }
    follow(&manager, data.as_deref())
}

fn load(keys: &KeyStore, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    match fs::read_to_string(folder.join(KEYS)) {
        Ok(lines) => lines.lines().try_for_each(|line| keys.insert(line)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Until it is ended.
fn follow(manager: &Manager, data: Option<&Path>) -> io::Result<()> {
    say(&json!({
        "events": manager.events_address().to_string(),
        "enrolment": manager.enrolment_address().to_string(),
    }))?;
    let (mut registrations, mut controls, mut violations, mut refusals) = (0, 0, 0, 0);
    loop {
        for registration in manager.registrations().iter().skip(registrations) {
            registrations += 1;
            say(
                &json!({ "registration": registration.request.name, "address": registration.peer.to_string() }),
            )?;
            if let Some(folder) = data {
                let lines: Vec<String> = manager.keys().keys().iter().map(|key| key.line() + "\n").collect();
                fs::write(folder.join(KEYS), lines.concat())?;
            }
        }
        for control in manager.controls().iter().skip(controls) {
            controls += 1;
            say(&json!({ "agent": control.agent_id, "control": format!("{:?}", control.content) }))?;
        }
        for event in manager.take() {
            let text = event.text();
            let message = serde_json::from_str(&text).unwrap_or(Value::String(text));
            let queue = char::from(event.queue).to_string();
            say(&json!({
                "agent": event.agent_id, "queue": queue, "location": event.location, "message": message,
            }))?;
        }
        for violation in manager.violations().iter().skip(violations) {
            violations += 1;
            say(&json!({ "violation": violation }))?;
        }
        for refusal in manager.refusals().iter().skip(refusals) {
            refusals += 1;
            say(&json!({ "refusal": refusal }))?;
        }
        thread::sleep(LOOK);
    }
}

fn say(line: &Value) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
