use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rampart_sca::{Policy, ScanEvent};

/// A bar on stderr, if that is a terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(policies: &[Policy]) -> Self {
        let checks: usize = policies.iter().map(|policy| policy.checks.len()).sum();
        let bar = ProgressBar::new(checks as u64);
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} checks  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub(super) fn tell(&self, event: &ScanEvent<'_>) {
        match event {
            ScanEvent::Skipped(policy, _) => self.0.inc(policy.checks.len() as u64),
            ScanEvent::Check(policy, _) => {
                self.0.inc(1);
                self.0.set_message(policy.id.to_string());
            }
        }
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
