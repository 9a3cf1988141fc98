//! What it takes to deliver findings to Wazuh's manager: `cargo xtask bench delivery` runs a process for each case.
//!
//! `delivery CASE COUNT FOLDER` prints its figures as one JSON object. The manager is a process of its own, so that what it
//! takes is not counted.

#![forbid(unsafe_code)]

mod case;
mod figures;
mod load;
mod manager;
mod meter;

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    path::PathBuf,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "delivery encode|seal|spool|direct|whole|fill|drain COUNT FOLDER";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [case, rest @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    if case == manager::ARGUMENT {
        return Ok(manager::serve()?);
    }
    let [count, folder] = rest else { return Err(USAGE.into()) };
    let (count, folder) = (count.parse()?, PathBuf::from(folder));
    let figures = match case.as_str() {
        "encode" => case::encode(count),
        "seal" => case::seal(count)?,
        "spool" => case::spool(count, &folder)?,
        "direct" => case::direct(count, &folder)?,
        "whole" => case::whole(count, &folder)?,
        "fill" => case::fill(count, &folder)?,
        "drain" => case::drain(count, &folder)?,
        _ => return Err(USAGE.into()),
    };
    writeln!(io::stdout(), "{}", serde_json::to_string(&figures)?)?;
    Ok(())
}
