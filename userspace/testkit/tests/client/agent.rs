//! The smallest agent there can be. It says whatever it is told to, right or wrong.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use aws_lc_rs::{
    cipher::{
        AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
        UnboundCipherKey,
    },
    iv::FixedLength,
};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use md5::{Digest as _, Md5};
use rampart_testkit::manager::{Key, Manager};

const VECTOR: &[u8; 16] = b"FEDCBA0987654321";

pub(crate) const STARTUP: &str = "#!-agent startup {\"version\":\"v4.14.7\"}";

pub(crate) const KEEPALIVE: &str = "#!-Linux |node1 |6.1.0 |#1 SMP |x86_64 [Debian GNU/Linux|debian: 12 (bookworm)] \
     - Wazuh v4.14.7\n\"role\":node\nx merged.mg\n#\"_agent_ip\":127.0.0.1\n";

pub(crate) struct Agent {
    pub(crate) stream: TcpStream,
    pub(crate) key: Key,
    /// Global and local counter of the next message.
    pub(crate) counters: (u64, u64),
}

impl Agent {
    pub(crate) fn connect(manager: &Manager, key: &Key) -> io::Result<Self> {
        let stream = TcpStream::connect(manager.events_address())?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { stream, key: key.clone(), counters: (0, 1) })
    }

    /// The same, with the startup done.
    pub(crate) fn started(manager: &Manager, key: &Key) -> io::Result<Self> {
        let mut agent = Self::connect(manager, key)?;
        agent.say(STARTUP)?;
        agent.hear()?;
        Ok(agent)
    }

    /// Seals and sends.
    pub(crate) fn say(&mut self, message: &str) -> io::Result<()> {
        let frame = self.frame(message.as_bytes())?;
        self.send(&frame)
    }

    /// The next message's frame, as it must be.
    pub(crate) fn frame(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        let clear = self.clear(message);
        self.sealed(&padded(&deflated(&clear)?))
    }

    pub(crate) fn clear(&mut self, message: &[u8]) -> Vec<u8> {
        let (global, local) = self.counters;
        self.counters.1 += 1;
        let rest = [format!("12345{global:010}:{local:04}:").as_bytes(), message].concat();
        with_digest(&rest)
    }

    /// Encrypts what is padded already, and says whose it is.
    pub(crate) fn sealed(&self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut sealed = plain.to_vec();
        let context = EncryptionContext::Iv128(FixedLength::from(VECTOR));
        let key = UnboundCipherKey::new(&AES_256, digest(self.key.secret.as_bytes()).as_bytes());
        let key = key.and_then(PaddedBlockEncryptingKey::cbc_pkcs7).map_err(io::Error::other)?;
        key.less_safe_encrypt(&mut sealed, context).map_err(io::Error::other)?;
        let id = if self.key.address == "any" { format!("!{}!", self.key.id) } else { String::new() };
        Ok([id.as_bytes(), b"#AES:", &sealed].concat())
    }

    /// With its length.
    pub(crate) fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
        self.stream.write_all(&[&length.to_le_bytes()[..], frame].concat())
    }

    /// The manager's next message.
    pub(crate) fn hear(&mut self) -> io::Result<String> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut frame = vec![0; usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?];
        self.stream.read_exact(&mut frame)?;
        let Some(sealed) = frame.strip_prefix(b"#AES:") else {
            return Ok(String::from_utf8_lossy(&frame).into_owned());
        };
        let mut sealed = sealed.to_vec();
        let key = UnboundCipherKey::new(&AES_256, digest(self.key.secret.as_bytes()).as_bytes());
        let key = key.and_then(PaddedBlockDecryptingKey::cbc_pkcs7).map_err(io::Error::other)?;
        let context = DecryptionContext::Iv128(FixedLength::from(VECTOR));
        let plain = key.decrypt(&mut sealed, context).map_err(io::Error::other)?;
        let compressed: Vec<u8> = plain.iter().copied().skip_while(|byte| *byte == b'!').collect();
        let mut clear = Vec::new();
        ZlibDecoder::new(compressed.as_slice()).take(1 << 17).read_to_end(&mut clear)?;
        let (sum, rest) = clear.split_at_checked(32).ok_or_else(|| io::Error::other("too short"))?;
        if digest(rest).as_bytes() != sum {
            return Err(io::Error::other("a wrong digest"));
        }
        Ok(String::from_utf8_lossy(rest.get(21..).unwrap_or_default()).into_owned())
    }

    /// Whether the manager has closed the connection, once all that it said is read.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

pub(crate) fn with_digest(rest: &[u8]) -> Vec<u8> {
    [digest(rest).as_bytes(), rest].concat()
}

pub(crate) fn deflated(clear: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(clear)?;
    encoder.finish()
}

pub(crate) fn padded(compressed: &[u8]) -> Vec<u8> {
    let padding = 8 - compressed.len() % 8;
    [vec![b'!'; padding].as_slice(), compressed].concat()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    let digits: Vec<u8> = Md5::digest(bytes).iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
    digits.into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
