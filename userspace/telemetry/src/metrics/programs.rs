use std::time::Duration;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Seconds},
    registrar::Registrar,
};

/// What the programs in the kernel cost.
#[derive(Debug)]
pub(super) struct Programs {
    runs: Counters,
    took: Seconds,
}

impl Programs {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            runs: registrar.counters(
                "rampart_program_runs_total",
                "Runs of an eBPF program, while the kernel measures them (sysctl kernel.bpf_stats_enabled).",
                &["program"],
            )?,
            took: registrar.seconds(
                "rampart_program_run_seconds_total",
                "Time that the runs of an eBPF program took, while the kernel measures them.",
                &["program"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets what an eBPF program has cost.
    pub fn program(&self, program: &str, runs: u64, took: Duration) {
        self.families.programs.runs.raise(&[program], runs);
        self.families.programs.took.raise(&[program], took);
    }
}
