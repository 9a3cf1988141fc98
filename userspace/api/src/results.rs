use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Bytes, http::HeaderValue};
use rampart_model::{PolicySnapshot, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::document::Document;

/// Where the results are.
pub const PATH: &str = "/v1/results";

/// Policies as they stand after the last scan; none before the first.
pub type Published = Option<Arc<[Arc<PolicySnapshot>]>>;

/// How the policies stand, as callers get it.
#[derive(Debug)]
pub(crate) struct Results {
    node: Arc<str>,
    policies: watch::Receiver<Published>,
    clock: fn() -> Timestamp,
    made: Mutex<Option<Made>>,
}

/// A document, and what it was made of.
#[derive(Debug)]
struct Made {
    of: Arc<[Arc<PolicySnapshot>]>,
    page: Page,
}

/// The document of a scan.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) body: Bytes,
    pub(crate) etag: HeaderValue,
}

impl Results {
    pub(crate) fn new(
        node: Arc<str>,
        policies: watch::Receiver<Published>,
        clock: fn() -> Timestamp,
    ) -> Self {
        Self { node, policies, clock, made: Mutex::default() }
    }

    /// The newest, made once for each scan; none before the first.
    pub(crate) fn newest(&self) -> Result<Option<Page>, serde_json::Error> {
        let Some(policies) = self.policies.borrow().clone() else { return Ok(None) };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.as_ref().filter(|made| Arc::ptr_eq(&made.of, &policies)) {
            return Ok(Some(made.page.clone()));
        }
        let document = Document::new(&self.node, (self.clock)(), &policies);
        let page = Page::new(serde_json::to_vec(&document)?);
        *made = Some(Made { of: policies, page: page.clone() });
        drop(made);
        Ok(Some(page))
    }
}

impl Page {
    fn new(body: Vec<u8>) -> Self {
        let digest = Sha256::digest(&body);
        let mut etag = String::from("\"");
        // Half of the digest tells any two documents apart.
        for byte in digest.iter().take(digest.len() / 2) {
            write!(etag, "{byte:02x}").unwrap_or_default();
        }
        etag.push('"');
        // Of digits and quotes; without a tag callers would only get the whole each time.
        let etag = HeaderValue::try_from(etag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { body: body.into(), etag }
    }
}
