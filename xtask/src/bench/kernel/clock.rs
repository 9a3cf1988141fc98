//! The kernel's clock of eBPF programs, which costs a little by itself.

use std::fs;

use anyhow::{Context, Result};

use crate::bench::cleanup::Cleanup;

const SETTING: &str = "/proc/sys/kernel/bpf_stats_enabled";

/// The clock, set; as it was again when this is dropped.
#[derive(Debug)]
pub(super) struct Clock {
    _cleanup: Cleanup,
}

impl Clock {
    pub(super) fn set(is_running: bool) -> Result<Self> {
        let before = fs::read_to_string(SETTING).with_context(|| format!("cannot read {SETTING}"))?;
        let cleanup = Cleanup::new("echo \"$1\" > \"$2\"", &[before.trim(), SETTING])?;
        let value = if is_running { "1" } else { "0" };
        fs::write(SETTING, value).with_context(|| format!("cannot write {SETTING}"))?;
        Ok(Self { _cleanup: cleanup })
    }
}
