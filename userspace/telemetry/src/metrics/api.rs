use prometheus::Gauge;
use rampart_model::Timestamp;

use super::{Metrics, MetricsError, bound::Counters, registrar::Registrar};

/// Who asks for results.
#[derive(Debug)]
pub(super) struct Api {
    requests: Counters,
    cut: Counters,
    expiry: Gauge,
}

impl Api {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        let requests = registrar.counters(
            "rampart_api_requests_total",
            "Requests to the server of results that were answered, by status.",
            &["code"],
        )?;
        let cut = registrar.counters(
            "rampart_api_cut_total",
            "Connections to the server of results that have asked nothing it could answer: plain (no TLS), handshake (it failed), uncertified (there is no certificate yet), malformed (not HTTP, or too long), slow (they took too long) or crowded (there were too many, and they were the oldest).",
            &["reason"],
        )?;
        let expiry = registrar.real(
            "rampart_api_certificate_expiry_timestamp_seconds",
            "When the certificate of the server of results expires; NaN while there is none.",
        )?;
        // Not known is not 1970.
        expiry.set(f64::NAN);
        Ok(Self { requests, cut, expiry })
    }
}

impl Metrics {
    /// Counts a request that was answered.
    pub fn api_request(&self, code: u16) {
        self.families.api.requests.add(&[&code.to_string()], 1);
    }

    /// Counts a connection that was ended without a request that could be answered.
    pub fn api_cut(&self, reason: &'static str) {
        self.families.api.cut.add(&[reason], 1);
    }

    /// Sets when the certificate expires that is shown.
    pub fn api_certificate_expiry(&self, expires: Timestamp) {
        #[expect(clippy::cast_precision_loss, reason = "seconds up to the year 9999 have less than 2^52")]
        self.families.api.expiry.set(expires.as_seconds() as f64);
    }
}
