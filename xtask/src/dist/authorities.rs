//! The authorities of the web, as Mozilla has them: those of this machine may have an employer's among them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// How long a line is, by RFC 7468.
const LINE: usize = 64;

/// All of them, as PEM.
pub(super) fn bundle() -> String {
    let mut bundle = String::new();
    for certificate in TLS_SERVER_ROOT_CERTS {
        bundle.push_str("-----BEGIN CERTIFICATE-----\n");
        for (position, character) in BASE64_STANDARD.encode(certificate).chars().enumerate() {
            if position > 0 && position.is_multiple_of(LINE) {
                bundle.push('\n');
            }
            bundle.push(character);
        }
        bundle.push_str("\n-----END CERTIFICATE-----\n");
    }
    bundle
}
