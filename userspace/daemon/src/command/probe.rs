use std::io::{self, Write};

use anyhow::Context as _;
use rampart_kernel::{Attachment, Probe, SensorConfig};
use serde_json::{Value as Json, json};

use crate::{
    cli::{Format, ProbeArgs},
    exit::{Exit, Failure},
};

pub(crate) fn probe(args: &ProbeArgs) -> Result<Exit, Failure> {
    let found = rampart_kernel::probe(SensorConfig { hooks: args.hooks.into(), ..SensorConfig::default() });
    let mut out = io::stdout().lock();
    let written = match args.format {
        Format::Table => table(&mut out, &found),
        Format::Json => writeln!(out, "{:#}", json(&found)),
    };
    written.context("writing to stdout")?;
    match found.error {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Done),
    }
}

fn table(out: &mut impl Write, found: &Probe) -> io::Result<()> {
    writeln!(out, "KERNEL        {} {}", found.release, found.machine)?;
    match &found.btf {
        Ok(bytes) => writeln!(out, "BTF           {} KiB", bytes / 1024)?,
        Err(error) => writeln!(out, "BTF           missing: {error}")?,
    }
    writeln!(out, "\n{:<22} {:<5} {:<9} FOR", "CAPABILITY", "HELD", "NEED")?;
    for row in &found.capabilities {
        let need = if row.required { "required" } else { "useful" };
        writeln!(out, "{:<22} {:<5} {need:<9} {}", row.name, yes(row.held), row.purpose)?;
    }
    if !found.hooks.is_empty() {
        writeln!(
            out,
            "\n{:<42} {:<11} {:<9} WHY NOT, AND WHAT IS NOT SEEN WITHOUT IT",
            "HOOK", "EVENT", "ATTACHED"
        )?;
    }
    for state in &found.hooks {
        let point = state.hook.point.to_string();
        let kind = state.hook.kinds.first().map_or("", |kind| kind.name());
        let why = match &state.attachment {
            Attachment::Refused(reason) => format!("{reason}; without it: {}", state.hook.without),
            other => reason(other).unwrap_or_default(),
        };
        let attached = yes(state.attachment == Attachment::Attached);
        let line = format!("{point:<42} {kind:<11} {attached:<9} {why}");
        writeln!(out, "{}", line.trim_end())?;
    }
    for missing in &found.missing {
        writeln!(out, "\nMISSING       {}; not seen without it: {}", missing.what, missing.loses)?;
    }
    Ok(())
}

/// Why a hook is not attached.
fn reason(attachment: &Attachment) -> Option<String> {
    match attachment {
        Attachment::Attached => None,
        Attachment::NotWanted => Some("nobody wants it".to_owned()),
        Attachment::Replaced(better) => Some(format!("{better} sees the same and better")),
        Attachment::Refused(reason) => Some(reason.clone()),
    }
}

const fn yes(so: bool) -> &'static str {
    if so { "yes" } else { "no" }
}

fn json(found: &Probe) -> Json {
    let capabilities: Vec<_> = found
        .capabilities
        .iter()
        .map(
            |row| json!({ "name": row.name, "held": row.held, "required": row.required, "for": row.purpose }),
        )
        .collect();
    let hooks: Vec<_> = found
        .hooks
        .iter()
        .map(|state| {
            json!({
                "program": state.hook.program,
                "point": state.hook.point.to_string(),
                "event": state.hook.kinds.first().map(|kind| kind.name()),
                "attached": state.attachment == Attachment::Attached,
                "replaced_by": match state.attachment {
                    Attachment::Replaced(better) => Some(better),
                    _ => None,
                },
                "reason": reason(&state.attachment),
                "without": state.hook.without,
            })
        })
        .collect();
    let missing: Vec<_> =
        found.missing.iter().map(|missing| json!({ "what": missing.what, "loses": missing.loses })).collect();
    json!({
        "kernel": { "release": found.release, "machine": found.machine },
        "btf": { "bytes": found.btf.as_ref().ok(), "error": found.btf.as_ref().err() },
        "capabilities": capabilities,
        "hooks": hooks,
        "missing": missing,
        "error": found.error.as_ref().map(ToString::to_string),
    })
}
