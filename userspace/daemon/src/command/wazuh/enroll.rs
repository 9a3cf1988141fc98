use std::io::Write as _;

use anyhow::Context as _;
use rampart_wazuh::{AgentKey, Trouble, register};

use super::SinkArgs;
use crate::{
    delivery,
    exit::{Exit, Failure},
};

pub(super) fn enroll(args: &SinkArgs) -> Result<Exit, Failure> {
    let config = args.load()?;
    rampart_telemetry::init_logs(&config.log).map_err(|error| Failure::new(Exit::Usage, error))?;
    let client =
        delivery::client(&config, args.name.as_deref()).map_err(|error| Failure::new(Exit::Usage, error))?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
    match runtime.block_on(register(client)) {
        Ok((key, was_there)) => told(&key, was_there),
        Err(troubles) => Err(refused(&troubles)),
    }
}

fn told(key: &AgentKey, was_there: bool) -> Result<Exit, Failure> {
    let how = if was_there { "enrolled already" } else { "enrolled" };
    let mut out = std::io::stdout();
    writeln!(out, "{how}: agent {}, name {}", key.id(), key.name()).context("writing to stdout")?;
    Ok(Exit::Done)
}

fn refused(troubles: &[(String, Trouble)]) -> Failure {
    let reasons = troubles.iter().map(|(manager, trouble)| {
        let at = if manager.is_empty() { String::new() } else { format!("{manager}: ") };
        format!("{at}{}; {}", trouble.explain(), trouble.help())
    });
    let is_refusal =
        |trouble: &Trouble| matches!(trouble, Trouble::Enrolment(error) if error.refusal().is_some());
    let exit =
        if troubles.iter().any(|(_, trouble)| is_refusal(trouble)) { Exit::NotSo } else { Exit::Unavailable };
    Failure::message(exit, reasons.collect::<Vec<_>>().join("\n"))
}
