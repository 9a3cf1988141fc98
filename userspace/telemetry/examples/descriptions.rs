//! What metrics there are, a line each: name, type, labels and help, with tabs between. `cargo xtask codegen` makes a page of it.

use std::{
    error::Error,
    io::{self, Write as _},
};

use rampart_telemetry::Metrics;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for description in Metrics::new("", "")?.descriptions() {
        let labels = description.labels.join(",");
        writeln!(out, "{}\t{}\t{labels}\t{}", description.name, description.kind.name(), description.help)?;
    }
    Ok(())
}
