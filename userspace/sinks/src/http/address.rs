use std::io;

use reqwest::Url;
use secrecy::ExposeSecret as _;

use crate::{ConfigError, Secret};

/// Where to post.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// Known to all who know the configuration.
    Open(Url),
    /// Who knows it may post there.
    Secret(Secret, Plain),
}

/// Where connections without TLS may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Anywhere: within a cluster that is common.
    Anywhere,
    /// To this machine only.
    Loopback,
}

impl Address {
    pub(crate) fn open(key: &'static str, text: &str) -> Result<Self, ConfigError> {
        parse(text, Plain::Anywhere).map(Self::Open).map_err(|what| ConfigError::new(key, what))
    }

    /// As it is now.
    pub(crate) fn read(&self) -> io::Result<Url> {
        match self {
            Self::Open(url) => Ok(url.clone()),
            Self::Secret(secret, plain) => {
                let text = secret.read().map_err(io::Error::other)?;
                let url = parse(text.expose_secret().trim(), *plain);
                url.map_err(|what| io::Error::other(secret.unusable(what)))
            }
        }
    }
}

/// What is wrong never has the address in it.
pub(super) fn parse(text: &str, plain: Plain) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "not a URL, such as https://host/path")?;
    let Some(host) = url.host_str() else { return Err("a URL without a host") };
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => {}
        "http" if plain == Plain::Anywhere || is_here => {}
        "http" => return Err("the URL is a secret, and http would show it to all on the way: use https"),
        _ => return Err("the URL must begin with https:// or http://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("no user and password in the URL: give a header or a token from a secret");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_looked_at() {
        for (text, plain, expected) in [
            ("https://siem.example/x?y=z", Plain::Loopback, None),
            ("http://siem.monitoring.svc:8080/", Plain::Anywhere, None),
            ("http://127.0.0.1:1/", Plain::Loopback, None),
            ("http://siem.example/", Plain::Loopback, Some("use https")),
            ("siem.example/x", Plain::Anywhere, Some("not a URL")),
            ("ftp://siem.example/", Plain::Anywhere, Some("must begin with")),
            ("https://u:hunter2@siem.example/", Plain::Anywhere, Some("no user and password")),
        ] {
            let what = parse(text, plain).err();
            assert_eq!(what.is_some(), expected.is_some(), "{text}: {what:?}");
            assert!(what.unwrap_or_default().contains(expected.unwrap_or_default()), "{text}: {what:?}");
        }
    }
}
