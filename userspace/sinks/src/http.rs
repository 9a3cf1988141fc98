//! What the sinks that post to a web server have in common.

mod address;
mod batch;
mod reply;

use std::{error::Error, io, time::Duration};

use rampart_model::Timestamp;
use reqwest::{Client, Proxy, Url, header::HeaderMap, redirect::Policy};

pub(crate) use self::{
    address::{Address, Plain},
    batch::Batch,
    reply::Reply,
};
use crate::{ConfigError, Tls};

/// Causes of an error that are told.
const CAUSES: usize = 8;

/// What becomes of messages that were posted.
#[derive(Debug)]
pub(crate) enum Answer {
    /// They are there.
    Taken,
    /// One of them, or how they were put together, is not what the receiver takes.
    Refused(io::Error),
    /// Later, perhaps.
    NotNow {
        /// Why.
        error: io::Error,
        /// When to ask again, where the receiver has said so.
        after: Option<Duration>,
    },
}

impl Answer {
    /// Later, perhaps, for what is on our side or on the way.
    pub(crate) fn not_now(error: io::Error) -> Self {
        Self::NotNow { error, after: None }
    }
}

/// Posts to a web server.
#[derive(Debug)]
pub(crate) struct Http {
    tls: Tls,
    timeout: Duration,
    proxy: Option<Url>,
    /// None at first and after a failure: then what it is made from is read again.
    client: Option<Client>,
}

impl Http {
    /// `timeout` is for a whole exchange. `proxy` is the only one that is used, whatever the environment says.
    pub(crate) const fn new(tls: Tls, timeout: Duration, proxy: Option<Url>) -> Self {
        Self { tls, timeout, proxy, client: None }
    }

    /// Posts once. Redirections are not followed: what is posted is for that address.
    ///
    /// # Errors
    /// Says where and why, without the path of the address, which may be a secret.
    pub(crate) async fn post(
        &mut self,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
        now: Timestamp,
    ) -> io::Result<Reply> {
        let origin = url.origin().ascii_serialization();
        let client = match self.client.take() {
            Some(client) => client,
            None => self.connect(&url)?,
        };
        match client.post(url).headers(headers).body(body).send().await {
            Ok(response) => {
                let reply = Reply::read(origin, response, now).await;
                self.client = Some(client);
                Ok(reply)
            }
            Err(error) => Err(io::Error::other(format!("{origin}: {}", self.explain(error)))),
        }
    }

    fn connect(&self, url: &Url) -> io::Result<Client> {
        let tls = self.tls.load(url.scheme() == "https")?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured((*tls).clone())
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .timeout(self.timeout)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("rampart/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(Proxy::all(proxy.clone()).map_err(io::Error::other)?);
        }
        builder.build().map_err(io::Error::other)
    }

    fn explain(&self, error: reqwest::Error) -> String {
        if error.is_timeout() {
            return format!("no answer within {} s", self.timeout.as_secs());
        }
        let error = error.without_url();
        let sentence = rampart_tls::explain(&error);
        if sentence == error.to_string() { causes(&error) } else { sentence }
    }
}

/// An error with its causes: the outer ones say only that there was one.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source());
    let causes: Vec<String> = causes.take(CAUSES).map(ToString::to_string).collect();
    causes.join(": ")
}

/// The address of a proxy.
pub(crate) fn proxy(text: Option<&str>) -> Result<Option<Url>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    match address::parse(text, Plain::Anywhere) {
        Ok(url) => Ok(Some(url)),
        Err(what) => Err(ConfigError::new("proxy", what)),
    }
}
