//! What a manager sends: from the bytes of its connection to what it says.
//!
//! The input is taken four times, each time one layer further in: as a connection, as what a frame has encrypted, as what
//! is compressed in that, with the right sum, and as a message.
#![no_main]

use std::{
    io::Write as _,
    pin::pin,
    task::{Context, Poll, Waker},
};

use aws_lc_rs::{
    cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    iv::FixedLength,
};
use flate2::{Compression, write::ZlibEncoder};
use libfuzzer_sys::fuzz_target;
use md5::{Digest as _, Md5};
use rampart_wazuh::{AgentKey, FRAME_BYTES, FrameReader, ManagerMessage, OpenError, Opener};
use tokio::io::{AsyncRead, AsyncReadExt as _};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Before a message: its sum, and a random number and two counters.
const SUM: usize = 32;
const HEADER: usize = 21;

/// Longest text that is opened.
const TEXT: usize = 65_536;

fuzz_target!(|data: &[u8]| {
    let key = AgentKey::parse(&format!("001 node1 any {SECRET}")).expect("a key");
    let mut opener = Opener::new(&key);
    connection(data, &mut opener);
    if let Ok(message) = opener.open(&encrypted(data)) {
        assert!(message.len() <= TEXT - SUM - HEADER);
        look_at(&message);
    }
    text(data, &mut opener);
    look_at(data);
});

/// In one piece or in two, a connection gives the same frames.
fn connection(data: &[u8], opener: &mut Opener) {
    let (frames, is_ended) = read(data);
    let (first, second) = data.split_at(data.first().map_or(0, |place| usize::from(*place).min(data.len())));
    assert_eq!(read(first.chain(second)), (frames.clone(), is_ended));
    let bytes: usize = frames.iter().map(|frame| size_of::<u32>() + frame.len()).sum();
    assert!(if is_ended { bytes == data.len() } else { bytes <= data.len() });
    for frame in frames {
        assert!(frame.len() <= FRAME_BYTES);
        if let Ok(message) = opener.open(&frame) {
            look_at(&message);
        }
    }
}

/// All frames, and whether they have ended where a frame ends.
fn read(stream: impl AsyncRead + Unpin) -> (Vec<Vec<u8>>, bool) {
    let (mut reader, mut frames) = (FrameReader::new(stream), Vec::new());
    loop {
        // It has all its bytes: nothing is waited for.
        match pin!(reader.next()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(Some(frame))) => frames.push(frame.to_vec()),
            Poll::Ready(end) => return (frames, end.is_ok()),
            Poll::Pending => unreachable!("a slice is always ready"),
        }
    }
}

/// What is sealed as it should be opens, whatever it is.
fn text(data: &[u8], opener: &mut Opener) {
    let sum: String = Md5::digest(data).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut encoder = ZlibEncoder::new(b"!".to_vec(), Compression::fast());
    encoder.write_all(&[sum.as_bytes(), data].concat()).expect("room in memory");
    let opened = opener.open(&encrypted(&encoder.finish().expect("room in memory")));
    let expected = match data.split_at_checked(HEADER) {
        _ if SUM + data.len() > TEXT => Err(OpenError::TooLong),
        None => Err(OpenError::TooShort),
        Some((header, message)) if header[15] == b':' && header[20] == b':' => Ok(message.to_vec()),
        Some(_) => Err(OpenError::Counters),
    };
    assert_eq!(opened, expected);
    if let Ok(message) = opened {
        look_at(&message);
    }
}

/// A frame that holds this, under the agent's key.
fn encrypted(plain: &[u8]) -> Vec<u8> {
    // The MD5 sum of the secret.
    let key = UnboundCipherKey::new(&AES_256, b"fe3a1ff59f3b89b2ad3d33f08984874b");
    let key = key.and_then(PaddedBlockEncryptingKey::cbc_pkcs7).expect("a key");
    let mut buffer = plain.to_vec();
    let vector = EncryptionContext::Iv128(FixedLength::from(b"FEDCBA0987654321"));
    key.less_safe_encrypt(&mut buffer, vector).expect("room in memory");
    [b"#AES:".as_slice(), &buffer].concat()
}

/// What is made of a message is safe to be shown, and to be named in an answer.
fn look_at(message: &[u8]) {
    match ManagerMessage::parse(message) {
        ManagerMessage::Error { message } => {
            assert!(message.chars().count() <= 512 && !message.contains(char::is_control));
        }
        ManagerMessage::Request { counter, target, .. } => {
            assert!(
                counter.len() <= 32
                    && counter.bytes().chain(target.bytes()).all(|byte| byte.is_ascii_graphic())
            );
        }
        ManagerMessage::FileBegin { md5, name } => {
            assert!(md5.len() == 32 && !name.starts_with('.') && !name.contains(['/', '\0']));
        }
        ManagerMessage::Unknown(all) => assert_eq!(all, message),
        ManagerMessage::ScaDump { policy, .. } => assert!(!policy.is_empty()),
        ManagerMessage::Ack
        | ManagerMessage::ForceReconnect
        | ManagerMessage::ActiveResponse(_)
        | ManagerMessage::Sync(_)
        | ManagerMessage::FileEnd => {}
    }
}
