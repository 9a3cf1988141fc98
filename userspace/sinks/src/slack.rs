//! Findings to people: an incoming webhook of Slack, one line for each finding.

mod line;

use std::{io, sync::Arc};

use rampart_bus::{Encode, Message, Sink, SinkError};
use rampart_model::{Finding, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use crate::{
    ConfigError, Seconds, Secret, Tls,
    http::{self, Address, Answer, Batch, Http, Plain, Reply},
};

/// Most findings in a message to a channel: Slack hides what is beyond.
pub const FINDINGS: usize = 20;

/// Most bytes of findings in a message.
const MESSAGE_BYTES: usize = 64 << 10;

/// Where the channel is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The incoming webhook's URL: a secret, because who knows it may post.
    pub url_from: Secret,
    /// How long a request may take.
    #[serde(default)]
    pub timeout_seconds: Seconds,
    /// Whom to believe; Slack's own certificates are believed by the system's list.
    #[serde(default)]
    pub tls: Tls,
    /// The URL of a proxy. The environment's proxies are not used.
    pub proxy: Option<String>,
}

impl Config {
    /// Looks at what can be known without reading the secret or asking Slack.
    ///
    /// # Errors
    /// [`ConfigError`] names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        http::proxy(self.proxy.as_deref())?;
        self.timeout_seconds.validate("timeout_seconds")?;
        self.tls.validate()
    }

    /// The form in which findings are kept for this sink.
    #[must_use]
    pub const fn encoder(&self) -> Lines {
        Lines
    }

    /// The sink. `clock` tells the time, for a pause that Slack asks for by a date.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn build(&self, clock: fn() -> Timestamp) -> Result<Slack, ConfigError> {
        self.validate()?;
        let proxy = http::proxy(self.proxy.as_deref())?;
        Ok(Slack {
            address: Address::Secret(self.url_from.clone(), Plain::Loopback),
            http: Http::new(self.tls.clone(), self.timeout_seconds.into(), proxy),
            batch: Batch::new(FINDINGS, MESSAGE_BYTES),
            clock,
        })
    }
}

/// A finding as Slack's attachment: a JSON object with a colour and a line of text. One that is told again is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines;

impl Encode for Lines {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        // Nobody wants to be called twice for the same, and what is known since is in the other sinks.
        if finding.is_told_again() {
            return None;
        }
        let line = line::render(finding);
        let attachment = json!({
            "color": line::colour(finding.severity()),
            "fallback": line,
            "mrkdwn_in": ["text"],
            "text": line,
        });
        Some(serde_json::to_vec(&attachment).ok()?.into())
    }
}

/// Posts findings to a channel, several in a message. What is held back and refused is as for
/// [`Webhook`](crate::webhook::Webhook).
#[derive(Debug)]
pub struct Slack {
    address: Address,
    http: Http,
    batch: Batch,
    clock: fn() -> Timestamp,
}

impl Slack {
    async fn post(&mut self, messages: &[Arc<Message>]) -> Answer {
        let reply = self.exchange(channel_message(messages)).await;
        reply.map_or_else(Answer::not_now, |reply| reply.judge(reply.word()))
    }

    async fn exchange(&mut self, body: Vec<u8>) -> io::Result<Reply> {
        let url = self.address.read()?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.http.post(url, headers, body, (self.clock)()).await
    }
}

/// Addresses in a text become links, but nobody looks at them for a preview: an attacker would see who reads.
fn channel_message(messages: &[Arc<Message>]) -> Vec<u8> {
    let bodies: Vec<&[u8]> = messages.iter().map(|message| &*message.body).collect();
    let begin = br#"{"unfurl_links":false,"unfurl_media":false,"attachments":["#;
    [begin, &*bodies.join(&b","[..]), b"]}"].concat()
}

impl Encode for Slack {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        Lines.encode(finding)
    }
}

impl Sink for Slack {
    async fn send(&mut self, messages: &[Arc<Message>]) -> Result<usize, SinkError> {
        loop {
            let part = self.batch.next(messages);
            let answer = self.post(part).await;
            if let Some(outcome) = self.batch.judge(part.len(), answer) {
                return outcome;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rampart_model::Completeness;
    use rampart_testkit::sample;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_message_is_json_with_an_attachment_for_each_finding() {
        let message = Arc::new(Lines.message(&sample::finding()).unwrap());
        let json: Value = serde_json::from_slice(&channel_message(&[Arc::clone(&message), message])).unwrap();
        assert_eq!(json["attachments"].as_array().unwrap().len(), 2);
        assert_eq!(json["attachments"][1]["color"], "#8b0000");
        assert_eq!(json["unfurl_links"], false);
    }

    #[test]
    fn nobody_is_called_twice_for_one_finding() {
        for (completeness, is_told) in [(Completeness::Incomplete, true), (Completeness::Completed, false)] {
            let message = Lines.message(&sample::finding_known(completeness));
            assert_eq!(message.is_some(), is_told, "{completeness:?}");
        }
    }

    #[test]
    fn an_address_that_would_show_the_secret_is_refused_and_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("url");
        for text in ["http://hooks.slack.example/hunter2", "hooks.slack.example/hunter2"] {
            std::fs::write(&path, text).unwrap();
            let address = Address::Secret(Secret::File(path.clone()), Plain::Loopback);
            let error = address.read().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("URL") && !shown.contains("hunter2"), "{shown}");
        }
    }
}
