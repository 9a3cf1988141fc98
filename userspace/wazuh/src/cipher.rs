use aws_lc_rs::{
    cipher::{
        AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
        UnboundCipherKey,
    },
    error::Unspecified,
    iv::FixedLength,
};
use secrecy::{ExposeSecret as _, zeroize::Zeroizing};

use crate::{AgentKey, digest::md5_digits};

/// Wazuh begins each message with the same vector. What keeps equal messages apart are the random number and the counter
/// before each of them.
const VECTOR: [u8; 16] = *b"FEDCBA0987654321";

/// The cipher has failed: what came is no multiple of its block, or was sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cipher has failed")]
pub struct CipherError;

impl From<Unspecified> for CipherError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// AES-256 in CBC mode with PKCS#7 padding, under the key that Wazuh derives from an agent's.
#[derive(Debug)]
pub(crate) struct Cipher {
    /// None where the library refuses a key of the length that it asks for, which it has no reason to.
    keys: Option<(PaddedBlockEncryptingKey, PaddedBlockDecryptingKey)>,
}

impl Cipher {
    pub(crate) fn new(key: &AgentKey) -> Self {
        // Wazuh derives more, from number and name, but AES takes only as much as this.
        let derived = Zeroizing::new(md5_digits(&[key.secret().expose_secret().as_bytes()]));
        let unbound = || UnboundCipherKey::new(&AES_256, derived.as_slice());
        let keys = || {
            let encrypting = PaddedBlockEncryptingKey::cbc_pkcs7(unbound()?)?;
            Ok::<_, Unspecified>((encrypting, PaddedBlockDecryptingKey::cbc_pkcs7(unbound()?)?))
        };
        Self { keys: keys().ok() }
    }

    /// Encrypts what stands in `buffer` from `start` on, in its place.
    pub(crate) fn encrypt(&self, buffer: &mut Vec<u8>, start: usize) -> Result<(), CipherError> {
        let (encrypting, _) = self.keys.as_ref().ok_or(CipherError)?;
        let context = EncryptionContext::Iv128(FixedLength::from(VECTOR));
        encrypting.less_safe_encrypt(&mut Tail { buffer, start }, context)?;
        Ok(())
    }

    /// Decrypts in place.
    pub(crate) fn decrypt<'a>(&self, buffer: &'a mut [u8]) -> Result<&'a [u8], CipherError> {
        let (_, decrypting) = self.keys.as_ref().ok_or(CipherError)?;
        let context = DecryptionContext::Iv128(FixedLength::from(VECTOR));
        Ok(decrypting.decrypt(buffer, context)?)
    }
}

/// The end of a vector, to which padding can be added.
struct Tail<'a> {
    buffer: &'a mut Vec<u8>,
    start: usize,
}

impl AsMut<[u8]> for Tail<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.start..).unwrap_or_default()
    }
}

impl<'a> Extend<&'a u8> for Tail<'_> {
    fn extend<T: IntoIterator<Item = &'a u8>>(&mut self, bytes: T) {
        self.buffer.extend(bytes);
    }
}
