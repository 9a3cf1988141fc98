//! Findings on standard output, or on any writer: JSON lines for programs, one readable line for people.

mod line;

use std::{io, sync::Arc};

use rampart_bus::{Encode, Message, Sink, SinkError};
use rampart_model::Finding;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

pub use self::line::Colour;

/// How a finding is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object in a line, with ECS field names.
    Json,
    /// A line for people.
    Text(Colour),
}

/// Writes findings.
#[derive(Debug)]
pub struct Stdout<W> {
    writer: W,
    format: Format,
}

impl<W: AsyncWrite + Unpin + Send> Stdout<W> {
    /// Writes to `writer`.
    pub const fn new(writer: W, format: Format) -> Self {
        Self { writer, format }
    }
}

impl<W: Send> Encode for Stdout<W> {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        let mut line = match self.format {
            Format::Json => serde_json::to_vec(finding).ok()?,
            Format::Text(colour) => line::render(finding, colour).into_bytes(),
        };
        line.push(b'\n');
        Some(line.into())
    }
}

impl<W: AsyncWrite + Unpin + Send> Sink for Stdout<W> {
    /// The reader of a pipe that is gone does not come back; a full disk may have room again. What was half
    /// written then is written again: at least once.
    async fn send(&mut self, messages: &[Arc<Message>]) -> Result<usize, SinkError> {
        let bodies: Vec<&[u8]> = messages.iter().map(|message| &*message.body).collect();
        self.writer.write_all(&bodies.concat()).await.map_err(classify)?;
        self.writer.flush().await.map_err(classify)?;
        Ok(messages.len())
    }
}

fn classify(error: io::Error) -> SinkError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => SinkError::Permanent(error),
        _ => SinkError::retryable(error),
    }
}

#[cfg(test)]
mod tests {
    use rampart_testkit::sample;
    use serde_json::Value;

    use super::*;

    async fn written(format: Format) -> String {
        let mut out = Vec::new();
        let mut sink = Stdout::new(&mut out, format);
        let message = Arc::new(sink.message(&sample::finding()).unwrap());
        assert_eq!(sink.send(&[Arc::clone(&message), message]).await.unwrap(), 2);
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn json_is_one_ecs_object_a_line() {
        let text = written(Format::Json).await;
        assert_eq!(text.lines().count(), 2);
        let json: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        for (path, expected) in [
            ("/@timestamp", "2026-01-02T03:04:05.000000000Z"),
            ("/event/kind", "alert"),
            ("/rampart/severity", "critical"),
            ("/threat/technique/id/0", "T1496"),
            ("/rampart/controls/pci_dss/0", "11.5.1"),
            ("/process/executable", "/tmp/xmrig"),
            ("/process/parent/name", "sh"),
            ("/container/id", "c0ffee"),
            ("/host/name", "node-1"),
        ] {
            assert_eq!(json.pointer(path).and_then(Value::as_str), Some(expected), "{path} of {json:#}");
        }
    }

    #[tokio::test]
    async fn a_line_for_people_tells_all_at_a_glance() {
        let text = written(Format::Text(Colour::Never)).await;
        assert_eq!(
            text.lines().next().unwrap(),
            "2026-01-02T03:04:05Z CRITICAL T1496 Crypto miner executed: xmrig (pid 41) executed \
             xmrig -o pool:3333 | user web, container c0ffee | by sh(40)"
        );
        assert!(written(Format::Text(Colour::Always)).await.contains("\x1b["));
    }
}
