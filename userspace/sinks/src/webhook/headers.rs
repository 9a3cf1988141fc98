use std::collections::BTreeMap;

use rampart_model::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;

use super::signature;
use crate::{ConfigError, Secret, SecretError};

/// Most headers of one's own.
const HEADERS: usize = 32;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Names that nobody else may set: they say how the request is read.
const OURS: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "host",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// Who we are to the receiver.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) signing: Option<Secret>,
    pub(super) bearer: Option<Secret>,
    pub(super) headers: BTreeMap<String, Secret>,
}

impl Credentials {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let wrong = |what: String| Err(ConfigError::new("headers", what));
        if self.headers.len() > HEADERS {
            return wrong(format!("{} are more than {HEADERS}", self.headers.len()));
        }
        for name in self.headers.keys() {
            match HeaderName::from_bytes(name.as_bytes()) {
                Err(_) => return wrong(format!("`{name}` is not the name of a header")),
                Ok(known) if OURS.contains(&known.as_str()) => {
                    return wrong(format!("`{name}` is set by rampart"));
                }
                Ok(known) if known == AUTHORIZATION && self.bearer.is_some() => {
                    return wrong(format!("`{name}` is the bearer_token's"));
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// The headers of a request with that body. All secrets are read now.
    pub(super) fn headers(&self, body: &[u8], now: Timestamp) -> Result<HeaderMap, SecretError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let id = signature::id(body);
        let seconds = now.as_nanos().div_euclid(1_000_000_000);
        if let Some(secret) = &self.signing {
            let signature = signature::sign(secret, &id, seconds, body)?;
            headers.insert(SIGNATURE, value(secret, &signature)?);
        }
        // Of digits and letters: always a header's value.
        if let (Ok(id), Ok(seconds)) = (id.parse(), seconds.to_string().parse()) {
            headers.insert(ID, id);
            headers.insert(TIMESTAMP, seconds);
        }
        if let Some(secret) = &self.bearer {
            let token = format!("Bearer {}", secret.read()?.expose_secret());
            headers.insert(AUTHORIZATION, value(secret, &token)?);
        }
        for (name, secret) in &self.headers {
            let value = value(secret, secret.read()?.expose_secret())?;
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                headers.insert(name, value);
            }
        }
        Ok(headers)
    }
}

/// Marked, so that nobody shows it.
fn value(secret: &Secret, text: &str) -> Result<HeaderValue, SecretError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| secret.unusable("a header's value is one line of printable characters"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn secrets_become_headers_that_are_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let secret = |name: &str, contents: &str| {
            fs::write(folder.path().join(name), contents).unwrap();
            Secret::File(folder.path().join(name))
        };
        let mut credentials = Credentials {
            signing: None,
            bearer: Some(secret("token", "hunter2\n")),
            headers: [("X-Api-Key".to_owned(), secret("key", "hunter3"))].into(),
        };
        let headers = credentials.headers(b"[]", Timestamp::EPOCH).unwrap();
        for (name, expected) in [
            ("authorization", "Bearer hunter2"),
            ("x-api-key", "hunter3"),
            ("content-type", "application/json"),
            ("webhook-timestamp", "0"),
        ] {
            assert_eq!(headers.get(name).unwrap(), expected);
        }
        assert!(headers.get("webhook-signature").is_none());
        let shown = format!("{headers:?} {credentials:?}");
        assert!(!shown.contains("hunter"), "{shown}");
        credentials.bearer = Some(secret("token", "a\nb"));
        let error = credentials.headers(b"[]", Timestamp::EPOCH).unwrap_err().to_string();
        assert!(error.ends_with("token: a header's value is one line of printable characters"), "{error}");
    }
}
