use std::{
    io::{self, IsTerminal as _},
    sync::Arc,
};

use rampart_bus::{
    CancellationToken, Encode, Message, Receiver, Sink, SinkError, SinkState, Supervisor, drive_direct,
};
use rampart_model::{Finding, Severity};
use rampart_sinks::stdout::{Colour, Format, Stdout};
use rampart_telemetry::Metrics;
use tokio::sync::Mutex;

use super::{config::StdoutFormat, now};

/// Standard output: what holds it up holds up the agent.
pub(super) struct StandardOutput {
    pub(super) name: Arc<str>,
    pub(super) format: StdoutFormat,
    pub(super) minimum: Severity,
    pub(super) state: Arc<SinkState>,
    /// To be cancelled when nobody reads it any more.
    pub(super) gone: CancellationToken,
    pub(super) metrics: Metrics,
}

/// Findings that are bad enough.
struct Filtered {
    sink: Stdout<tokio::io::Stdout>,
    minimum: Severity,
}

impl Encode for Filtered {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        (finding.severity() >= self.minimum).then(|| self.sink.encode(finding)).flatten()
    }
}

impl Sink for Filtered {
    async fn send(&mut self, messages: &[Arc<Message>]) -> Result<usize, SinkError> {
        self.sink.send(messages).await
    }
}

impl StandardOutput {
    pub(super) fn supervise(self, findings: Receiver<Arc<Finding>>, supervisor: &mut Supervisor) {
        let format = format(self.format);
        let (shared, output) = (Arc::new(Mutex::new(findings)), Arc::new(self));
        supervisor.supervise(Arc::clone(&output.name), move || {
            let (findings, output) = (Arc::clone(&shared), Arc::clone(&output));
            async move {
                let stdout = Stdout::new(tokio::io::stdout(), format);
                let mut sink = Filtered { sink: stdout, minimum: output.minimum };
                let told = |message: &Message| output.metrics.delivered(&output.name, message.time, now());
                let mut findings = findings.lock().await;
                let result = drive_direct(&output.name, &mut sink, &mut findings, &output.state, told).await;
                if let Err(error) = result {
                    tracing::error!(%error, "stdout is gone; stopping");
                    output.gone.cancel();
                }
                Ok::<(), io::Error>(())
            }
        });
    }
}

fn format(wanted: StdoutFormat) -> Format {
    let at_terminal = io::stdout().is_terminal();
    let plain = !at_terminal || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let text = Format::Text(if plain { Colour::Never } else { Colour::Always });
    match wanted {
        StdoutFormat::Json => Format::Json,
        StdoutFormat::Auto if !at_terminal => Format::Json,
        StdoutFormat::Auto | StdoutFormat::Text => text,
    }
}
