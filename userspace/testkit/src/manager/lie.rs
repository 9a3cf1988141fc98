//! What a manager may say that no manager should: an agent must live with all of it.

use std::io::{self, Write as _};

use flate2::{Compression, write::ZlibEncoder};

use super::{intake::FRAME_BYTES, keys::Agent, reply::ACK, seal};

/// What is answered in place of the truth, for as long as it is set ([`Manager::lie`](super::Manager::lie)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lie {
    /// In place of each acknowledgement: a length that is smaller than the frame.
    WrongLength,
    /// A length above that of any frame, with nothing behind it.
    LengthTooLarge,
    /// A length of zero.
    LengthZero,
    /// A digest that is not the message's.
    BadDigest,
    /// Bytes that do not decrypt.
    Garbage,
    /// A frame that inflates to 16 MiB.
    Bomb,
    /// Half a frame, and the end of the connection.
    Truncated,
    /// A control message that nobody knows, and then the acknowledgement.
    UnknownControl,
    /// Bytes that are no UTF-8 where text should be, and then the acknowledgement.
    NotUtf8,
    /// The acknowledgement twice.
    AckTwice,
    /// No acknowledgement.
    AckNever,
    /// The acknowledgement, and the end of the connection.
    CloseAfterAck,
    /// The acknowledgement sealed with another agent's key.
    OtherKey,
    /// The truth, but byte by byte; at enrolment too.
    Trickle,
    /// At enrolment: a key for another name.
    EnrolOtherName,
    /// At enrolment: a key that is none.
    EnrolBrokenKey,
    /// At enrolment: the end of the connection without a word.
    EnrolNothing,
    /// At enrolment: words without end.
    EnrolEndless,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::WrongLength,
        Self::LengthTooLarge,
        Self::LengthZero,
        Self::BadDigest,
        Self::Garbage,
        Self::Bomb,
        Self::Truncated,
        Self::UnknownControl,
        Self::NotUtf8,
        Self::AckTwice,
        Self::AckNever,
        Self::CloseAfterAck,
        Self::OtherKey,
        Self::Trickle,
        Self::EnrolOtherName,
        Self::EnrolBrokenKey,
        Self::EnrolNothing,
        Self::EnrolEndless,
    ];

    /// Whether it is told at enrolment only.
    #[must_use]
    pub fn is_of_enrolment(self) -> bool {
        matches!(self, Self::EnrolOtherName | Self::EnrolBrokenKey | Self::EnrolNothing | Self::EnrolEndless)
    }

    /// Whether there is an acknowledgement in it.
    pub(super) fn acknowledges(self) -> bool {
        self.is_of_enrolment()
            || matches!(
                self,
                Self::UnknownControl | Self::NotUtf8 | Self::AckTwice | Self::CloseAfterAck | Self::Trickle
            )
    }

    /// Whether the connection ends with it.
    pub(super) fn ends(self) -> bool {
        matches!(self, Self::Truncated | Self::CloseAfterAck)
    }

    /// What goes out in place of an acknowledgement.
    pub(super) fn bytes(self, agent: &Agent) -> io::Result<Vec<u8>> {
        let sealed = |message: &[u8]| seal::frame(&agent.cipher, &seal::clear(agent.next(), message));
        let whole = |message: &[u8]| seal::with_length(&sealed(message)?);
        Ok(match self {
            Self::WrongLength => {
                let frame = sealed(ACK)?;
                let half = u32::try_from(frame.len() / 2).map_err(io::Error::other)?;
                [&half.to_le_bytes()[..], &frame].concat()
            }
            Self::LengthTooLarge => {
                u32::try_from(FRAME_BYTES + 1).map_err(io::Error::other)?.to_le_bytes().into()
            }
            Self::LengthZero => vec![0; 4],
            Self::BadDigest => {
                let mut clear = seal::clear(agent.next(), ACK);
                clear.iter_mut().take(1).for_each(|byte| *byte = if *byte == b'0' { b'1' } else { b'0' });
                seal::with_length(&seal::frame(&agent.cipher, &clear)?)?
            }
            Self::Garbage => seal::with_length(&[b"#AES:".as_slice(), &[0x5a; 96]].concat())?,
            Self::Bomb => seal::with_length(&bomb(agent)?)?,
            Self::Truncated => {
                let mut bytes = whole(ACK)?;
                bytes.truncate(bytes.len() / 2);
                bytes
            }
            Self::UnknownControl => [whole(b"#!-no such thing")?, whole(ACK)?].concat(),
            Self::NotUtf8 => {
                [whole(b"#!-sca-dump:\xff\xfe:\xff")?, whole(b"\xff\xff")?, whole(ACK)?].concat()
            }
            Self::AckTwice => [whole(ACK)?, whole(ACK)?].concat(),
            Self::AckNever => Vec::new(),
            Self::OtherKey => {
                let other =
                    super::cipher::Cipher::new("another").map_err(|_| io::Error::other("no cipher"))?;
                seal::with_length(&seal::frame(&other, &seal::clear(agent.next(), ACK))?)?
            }
            Self::CloseAfterAck
            | Self::Trickle
            | Self::EnrolOtherName
            | Self::EnrolBrokenKey
            | Self::EnrolNothing
            | Self::EnrolEndless => whole(ACK)?,
        })
    }
}

fn bomb(agent: &Agent) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = [0; 4096];
    for _ in 0..4096 {
        encoder.write_all(&zeros)?;
    }
    let mut plain = b"!".to_vec();
    plain.append(&mut encoder.finish()?);
    seal::encrypted(&agent.cipher, plain)
}
