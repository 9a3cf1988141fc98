//! Findings to a web server: JSON arrays, signed by the convention of Standard Webhooks.

mod headers;
mod signature;

use std::{collections::BTreeMap, io, sync::Arc};

use rampart_bus::{Encode, Message, Sink, SinkError};
use rampart_model::{Finding, Timestamp};
use serde::Deserialize;

use self::headers::Credentials;
use crate::{
    ConfigError, Json, Seconds, Secret, Tls,
    http::{self, Address, Answer, Batch, Http, Plain, Reply},
};

/// Most findings in a request.
pub const FINDINGS: usize = 100;

/// Most bytes of findings in a request; a finding that is larger goes alone.
pub const REQUEST_BYTES: usize = 1 << 20;

/// Where to post, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to. Either this or `url_from`.
    pub url: Option<String>,
    /// Where to, where who knows the address may post.
    pub url_from: Option<Secret>,
    /// What requests are signed with: `whsec_` and 24 to 64 bytes in base64. Not signed if not given.
    pub signing_secret: Option<Secret>,
    /// Sent as `Authorization: Bearer`.
    pub bearer_token: Option<Secret>,
    /// Other headers, by name, such as an API key.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// How long a request may take.
    #[serde(default)]
    pub timeout_seconds: Seconds,
    /// Whom to believe, and who we are, where the URL is one of https.
    #[serde(default)]
    pub tls: Tls,
    /// The URL of a proxy. The environment's proxies are not used.
    pub proxy: Option<String>,
}

impl Config {
    /// Looks at what can be known without reading secrets or asking the receiver.
    ///
    /// # Errors
    /// [`ConfigError`] names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.address()?;
        http::proxy(self.proxy.as_deref())?;
        self.credentials().validate()?;
        self.timeout_seconds.validate("timeout_seconds")?;
        self.tls.validate()
    }

    /// The form in which findings are kept for this sink.
    #[must_use]
    pub const fn encoder(&self) -> Json {
        Json::Object
    }

    /// The sink. `clock` tells the time; receivers refuse signatures that are old. Secrets are read for each request.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn build(&self, clock: fn() -> Timestamp) -> Result<Webhook, ConfigError> {
        self.validate()?;
        Ok(Webhook {
            address: self.address()?,
            credentials: self.credentials(),
            http: Http::new(
                self.tls.clone(),
                self.timeout_seconds.into(),
                http::proxy(self.proxy.as_deref())?,
            ),
            batch: Batch::new(FINDINGS, REQUEST_BYTES),
            clock,
        })
    }

    fn address(&self) -> Result<Address, ConfigError> {
        match (&self.url, &self.url_from) {
            (Some(url), None) => Address::open("url", url),
            (None, Some(secret)) => Ok(Address::Secret(secret.clone(), Plain::Anywhere)),
            _ => Err(ConfigError::new("url", "give either url or url_from")),
        }
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            signing: self.signing_secret.clone(),
            bearer: self.bearer_token.clone(),
            headers: self.headers.clone(),
        }
    }
}

/// Posts findings, several in a request: a JSON array of the objects that other sinks write.
///
/// 2xx means that they were taken. Content that is refused (400, 413, 415, 422) is sent again in halves, until the one
/// finding that is meant is known. All else is tried again later, among it what a wrong configuration makes of it.
///
/// The same findings have the same `webhook-id` each time that they are sent, so that a receiver can drop what it has.
#[derive(Debug)]
pub struct Webhook {
    address: Address,
    credentials: Credentials,
    http: Http,
    batch: Batch,
    clock: fn() -> Timestamp,
}

impl Webhook {
    async fn post(&mut self, messages: &[Arc<Message>]) -> Answer {
        let reply = self.exchange(array(messages)).await;
        reply.map_or_else(Answer::not_now, |reply| reply.judge(None))
    }

    async fn exchange(&mut self, body: Vec<u8>) -> io::Result<Reply> {
        let now = (self.clock)();
        let url = self.address.read()?;
        let headers = self.credentials.headers(&body, now).map_err(io::Error::other)?;
        self.http.post(url, headers, body, now).await
    }
}

fn array(messages: &[Arc<Message>]) -> Vec<u8> {
    let bodies: Vec<&[u8]> = messages.iter().map(|message| &*message.body).collect();
    [b"[", &*bodies.join(&b","[..]), b"]"].concat()
}

impl Encode for Webhook {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        Json::Object.encode(finding)
    }
}

impl Sink for Webhook {
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
    use serde_json::{Value, json};

    use super::*;

    fn config(json: Value) -> Config {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_cannot_be_is_named() {
        let url = "https://siem.example/x";
        let secret = json!({ "env": "X" });
        for (json, expected) in [
            (json!({}), "url: give either url or url_from"),
            (json!({ "url": url, "url_from": secret }), "url: give either url or url_from"),
            (json!({ "url": "siem.example" }), "url: not a URL, such as https://host/path"),
            (json!({ "url": url, "timeout_seconds": 0 }), "timeout_seconds: 0 is not from 1 to 120"),
            (json!({ "url": url, "proxy": "x" }), "proxy: not a URL, such as https://host/path"),
            (
                json!({ "url": url, "tls": { "key_file": "/k" } }),
                "tls: certificate_file and key_file are given together, or neither",
            ),
            (
                json!({ "url": url, "headers": { "a b": secret } }),
                "headers: `a b` is not the name of a header",
            ),
            (
                json!({ "url": url, "headers": { "Webhook-Id": secret } }),
                "headers: `Webhook-Id` is set by rampart",
            ),
            (
                json!({ "url": url, "bearer_token": secret, "headers": { "authorization": secret } }),
                "headers: `authorization` is the bearer_token's",
            ),
        ] {
            let error = config(json.clone()).validate().unwrap_err();
            assert_eq!(error.to_string(), expected, "{json}");
        }
        assert!(serde_json::from_value::<Config>(json!({ "url": url, "token": "hunter2" })).is_err());
        assert_eq!(config(json!({ "url": url })).validate(), Ok(()));
        assert_eq!(config(json!({ "url_from": secret })).validate(), Ok(()));
    }

    #[test]
    fn an_array_is_made_of_objects_as_they_are() {
        let message = |body: &[u8]| {
            let body = body.into();
            Arc::new(Message { time: Timestamp::EPOCH, severity: rampart_model::Severity::Low, body })
        };
        assert_eq!(array(&[message(b"{}")]), b"[{}]");
        assert_eq!(array(&[message(b"{}"), message(b"{\"a\":1}")]), b"[{},{\"a\":1}]");
    }
}
