use std::{fs, path::Path, sync::Arc};

use rampart_bus::{CancellationToken, Outbox, Receiver};
use rampart_model::{Finding, Severity};
use rampart_sinks::wazuh::WazuhEncoder;
use rampart_store::{
    Store,
    spool::{Keeper, Lane, Limits, SpoolState},
};

use super::current_thread;
use crate::Outcome;

/// Room for all findings of a measurement, unlike what is usual.
const DISK_BYTES: u64 = 4 << 30;

/// A spool with one queue, in the folder.
pub(super) fn open(folder: &Path) -> Outcome<(Keeper, Outbox)> {
    let lane = Lane {
        name: "wazuh".into(),
        minimum: Severity::Informational,
        encoder: Box::new(WazuhEncoder),
        limits: Limits { disk_bytes: DISK_BYTES, ..Limits::default() },
    };
    let (keeper, mut outboxes) = Keeper::new(Arc::new(Store::new(folder)), vec![lane]);
    Ok((keeper, outboxes.pop().ok_or("a keeper without an outbox")?))
}

/// Until no findings come and all have arrived, or until it is stopped.
pub(super) fn run(
    keeper: Keeper,
    findings: Receiver<Arc<Finding>>,
    stop: Option<CancellationToken>,
) -> Outcome<()> {
    current_thread()?.block_on(keeper.run(findings, stop.unwrap_or_default(), |_, _| {}));
    Ok(())
}

pub(super) fn is_on_disk(state: &SpoolState, count: u64) -> bool {
    state.lanes().iter().all(|lane| lane.messages() == count && lane.in_memory() == 0)
}

pub(super) fn expect_none_dropped(state: &SpoolState) -> Outcome<()> {
    let all = state.lanes().iter().flat_map(|lane| Severity::ALL.map(|severity| lane.dropped(severity)));
    match all.sum::<u64>() + state.write_errors() {
        0 => Ok(()),
        _ => Err(format!("findings were dropped: {state:?}").into()),
    }
}

/// Of everything that the spool has on disk.
pub(super) fn file_bytes(folder: &Path) -> u64 {
    fs::metadata(folder.join("rampart.redb")).map_or(0, |file| file.len())
}
