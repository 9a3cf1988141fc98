use http_body_util::BodyExt as _;
use kube::client::Body;

use crate::{Errand, KubernetesError, error::reason};

/// What is kept of a buffer that one large line has made large, in bytes.
const KEPT: usize = 64 * 1024;

/// An answer that comes line by line, for as long as it likes.
pub(crate) struct Lines {
    errand: Errand,
    body: Body,
    buffer: Vec<u8>,
    /// So much of the buffer has no end of a line in it.
    searched: usize,
    limit: usize,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    pub(crate) const fn new(errand: Errand, body: Body, limit: usize) -> Self {
        Self { errand, body, buffer: Vec::new(), searched: 0, limit }
    }

    /// The next whole line; none at the end. What comes after the last end of a line is none. Nothing is lost when it is
    /// cancelled.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, KubernetesError> {
        loop {
            if let Some(line) = self.take() {
                return Ok(Some(line));
            }
            if self.buffer.len() > self.limit {
                return Err(KubernetesError::TooLarge { errand: self.errand, limit: self.limit });
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
                Some(Err(error)) => {
                    return Err(KubernetesError::Unreachable { errand: self.errand, reason: reason(&error) });
                }
            }
        }
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        let rest = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let line = self.buffer.drain(..=self.searched + length).collect();
        self.searched = 0;
        if self.buffer.len() <= KEPT {
            self.buffer.shrink_to(KEPT);
        }
        Some(line)
    }
}
