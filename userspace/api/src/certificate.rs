use std::sync::Arc;

use rampart_model::Timestamp;
use rampart_telemetry::{Metrics, ModuleHealth};
use rampart_tls::{Identity, Look, ServerFiles, ServerPair, TlsError};
use rustls::ServerConfig;

/// What connections speak, by its name in TLS.
const PROTOCOL: &str = "http/1.1";

const NANOS: i128 = 1_000_000_000;

/// What is shown to callers, as it is in the files now.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: ServerFiles,
    shown: Option<Shown>,
    trouble: Option<String>,
    health: ModuleHealth,
    metrics: Metrics,
}

#[derive(Debug)]
struct Shown {
    config: Arc<ServerConfig>,
    expires: Timestamp,
}

impl Certificate {
    pub(crate) fn new(identity: Identity, health: ModuleHealth, metrics: Metrics) -> Self {
        Self { files: ServerFiles::new(identity), shown: None, trouble: None, health, metrics }
    }

    /// For the next connection; none while there has not been a sound pair.
    pub(crate) fn config(&self) -> Option<Arc<ServerConfig>> {
        self.shown.as_ref().map(|shown| Arc::clone(&shown.config))
    }

    /// Takes what is new in the files. A pair that is not sound is told of once, and the one before it stays.
    pub(crate) fn look(&mut self, now: Timestamp) {
        match self.files.look() {
            Look::Same => {}
            Look::New(pair) => match pair.config(PROTOCOL) {
                Ok(config) => self.show(&pair, config),
                Err(error) => self.keep(&error),
            },
            Look::Unusable(error) => self.keep(&error),
        }
        self.tell(now);
    }

    fn show(&mut self, pair: &ServerPair, config: Arc<ServerConfig>) {
        let expires = Timestamp::from_nanos(i128::from(pair.expires()) * NANOS);
        tracing::info!(serial = pair.serial(), %expires, "results are served with a new certificate");
        self.metrics.api_certificate_expiry(expires);
        self.shown = Some(Shown { config, expires });
        self.trouble = None;
    }

    fn keep(&mut self, error: &TlsError) {
        if self.shown.is_some() {
            tracing::error!(%error, "the certificate is not replaced; the old one is shown on");
        } else {
            tracing::error!(%error, "results are not served until there is a certificate");
        }
        self.trouble = Some(error.to_string());
    }

    fn tell(&self, now: Timestamp) {
        match (&self.shown, &self.trouble) {
            (None, trouble) => {
                let trouble = trouble.as_deref().unwrap_or("its files are being replaced");
                self.health.degraded(format!("there is no certificate: {trouble}"));
            }
            (Some(shown), _) if shown.expires <= now => {
                self.health.degraded(format!("the certificate expired at {}: renew it", shown.expires));
            }
            (Some(_), Some(trouble)) => {
                self.health.degraded(format!("the certificate is an old one: {trouble}"));
            }
            (Some(_), None) => self.health.ok(),
        }
    }
}
