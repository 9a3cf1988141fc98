//! Does one thing that an attacker does, through the real system call, and says in one line of JSON what it did.
//!
//! `actor DEED ARGUMENTS…`; without arguments it lists the deeds. A call that fails as planned is a deed done.
//! Exit codes: 0 done, 1 could not be set up, 64 bad usage, 77 the environment lacks something, named on stderr.

mod arguments;
mod bpf;
mod cgroup;
mod child;
mod deed;
mod deeds;
mod legacy;
mod namespace;
mod program;
mod raw;
mod report;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
};

use arguments::{Arguments, Usage};
use report::Lacking;

const FAILED: u8 = 1;
const USAGE: u8 = 64;
const LACKING: u8 = 77;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match deed::perform(Arguments::new(&words)) {
        Ok(report) => report.print().map_or(ExitCode::from(FAILED), |()| ExitCode::SUCCESS),
        Err(error) => {
            // Where nobody reads stderr, the exit code has to do.
            writeln!(io::stderr(), "{error:#}").unwrap_or_default();
            ExitCode::from(code(&error))
        }
    }
}

fn code(error: &anyhow::Error) -> u8 {
    if error.is::<Lacking>() {
        LACKING
    } else if error.is::<Usage>() {
        USAGE
    } else {
        FAILED
    }
}
