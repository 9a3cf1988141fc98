//! AES-256-CBC under the key that agent and manager derive from the one in `client.keys`.

use aws_lc_rs::{
    cipher::{
        AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
        UnboundCipherKey,
    },
    error::Unspecified,
    iv::FixedLength,
};

use super::digest::md5;

/// The same for every message.
const VECTOR: &[u8; 16] = b"FEDCBA0987654321";

/// AES takes the first 32 bytes of the derived key: the digest of the secret. The rest, which is of name and id, only
/// mattered to Blowfish.
#[derive(Debug)]
pub(super) struct Cipher {
    opening: PaddedBlockDecryptingKey,
    sealing: PaddedBlockEncryptingKey,
}

impl Cipher {
    /// # Errors
    /// What the cryptographic library does not say.
    pub(super) fn new(secret: &str) -> Result<Self, Unspecified> {
        let key = md5(&[secret.as_bytes()]);
        Ok(Self {
            opening: PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &key)?)?,
            sealing: PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &key)?)?,
        })
    }

    /// In place. Gives what is there without the cipher's padding.
    pub(super) fn open<'a>(&self, ciphertext: &'a mut [u8]) -> Result<&'a mut [u8], Unspecified> {
        self.opening.decrypt(ciphertext, DecryptionContext::Iv128(FixedLength::from(VECTOR)))
    }

    /// In place; the cipher's padding is added.
    pub(super) fn seal(&self, plain: &mut Vec<u8>) -> Result<(), Unspecified> {
        let context = EncryptionContext::Iv128(FixedLength::from(VECTOR));
        self.sealing.less_safe_encrypt(plain, context).map(|_| ())
    }
}
