use std::fmt::Write as _;

use aws_lc_rs::{
    digest::{self, SHA256},
    hmac::{self, HMAC_SHA256},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::ExposeSecret as _;

use crate::{Secret, SecretError};

/// Bytes of a key, by the convention.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Bytes of the digest that make an id.
const ID_BYTES: usize = 16;

/// A request's id, by what is in it: findings have random ids, so that no two requests are alike but by repetition.
pub(super) fn id(body: &[u8]) -> String {
    let mut id = "msg_".to_owned();
    for byte in digest::digest(&SHA256, body).as_ref().iter().take(ID_BYTES) {
        // Writing to a String does not fail.
        write!(id, "{byte:02x}").unwrap_or_default();
    }
    id
}

/// The value of `webhook-signature`.
pub(super) fn sign(secret: &Secret, id: &str, seconds: i128, body: &[u8]) -> Result<String, SecretError> {
    let text = secret.read()?;
    let text = text.expose_secret().trim();
    let key = BASE64_STANDARD
        .decode(text.strip_prefix("whsec_").unwrap_or(text))
        .ok()
        .filter(|key| KEY_BYTES.contains(&key.len()))
        .ok_or_else(|| secret.unusable("not `whsec_` and 24 to 64 bytes in base64"))?;
    let mut context = hmac::Context::with_key(&hmac::Key::new(HMAC_SHA256, &key));
    context.update(format!("{id}.{seconds}.").as_bytes());
    context.update(body);
    Ok(format!("v1,{}", BASE64_STANDARD.encode(context.sign())))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn secret(folder: &tempfile::TempDir, text: &str) -> Secret {
        let path = folder.path().join("secret");
        fs::write(&path, text).unwrap();
        Secret::File(path)
    }

    /// The example of the convention's own libraries.
    #[test]
    fn a_signature_is_the_conventions() {
        let folder = tempfile::tempdir().unwrap();
        for prefix in ["whsec_", ""] {
            let secret = secret(&folder, &format!("{prefix}MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"));
            let signature =
                sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
            assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        }
    }

    #[test]
    fn a_bad_key_is_refused_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["hunter2", "whsec_aHVudGVyMg==", "whsec_!"] {
            let error = sign(&secret(&folder, text), "msg_1", 0, b"").unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("24 to 64 bytes in base64") && !shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn the_same_findings_have_the_same_id() {
        assert_eq!(id(b"[1]"), id(b"[1]"));
        assert_ne!(id(b"[1]"), id(b"[2]"));
        assert_eq!(id(b"").len(), 36);
    }
}
