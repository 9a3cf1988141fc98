use std::{io, time::Duration};

use rampart_model::Timestamp;
use reqwest::{Response, StatusCode, header::RETRY_AFTER};

use super::Answer;

/// So much of an answer's body is read, that the connection can be used again, in bytes.
const BODY_BYTES: usize = 64 << 10;

/// Longest reason that is told, in bytes.
const REASON_BYTES: usize = 64;

/// A web server's answer.
#[derive(Debug)]
pub(crate) struct Reply {
    origin: String,
    status: StatusCode,
    after: Option<Duration>,
    body: Vec<u8>,
}

impl Reply {
    /// Reads it, as far as it is of interest. One whose body does not come is an answer all the same.
    pub(super) async fn read(origin: String, mut response: Response, now: Timestamp) -> Self {
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER);
        let after = after.and_then(|value| value.to_str().ok()).and_then(|text| pause(text, now));
        let mut body = Vec::new();
        while body.len() < BODY_BYTES {
            let Ok(Some(chunk)) = response.chunk().await else { break };
            body.extend_from_slice(chunk.get(..BODY_BYTES - body.len()).unwrap_or(&chunk));
        }
        Self { origin, status, after, body }
    }

    /// The body where it is one word, such as `invalid_payload`. Other bodies are not told: they may repeat what they were sent.
    pub(crate) fn word(&self) -> Option<&str> {
        let word = std::str::from_utf8(&self.body).ok()?.trim();
        let is_word = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_word && !word.is_empty() && word.len() <= REASON_BYTES).then_some(word)
    }

    /// What it means for what was posted. Only a receiver that says that the content is bad has findings thrown away; one that
    /// does not know us, or is not there, is a configuration to be corrected.
    pub(crate) fn judge(&self, reason: Option<&str>) -> Answer {
        let hint = match self.status.as_u16() {
            200..=299 => return Answer::Taken,
            300..=399 => ": it redirects elsewhere, which is not followed; give the URL that it redirects to",
            401 | 403 => ": it does not accept who we are; are the secrets the right ones?",
            404 | 410 => ": nothing is there; is the URL right?",
            _ => "",
        };
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let error =
            io::Error::other(format!("{} answers {}{reason}{hint}", self.origin, self.status.as_u16()));
        match self.status.as_u16() {
            400 | 413 | 415 | 422 => Answer::Refused(error),
            _ => Answer::NotNow { error, after: self.after },
        }
    }
}

/// `Retry-After`: seconds, or a date.
fn pause(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Timestamp::from_nanos(date.as_nanosecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &[u8]) -> Reply {
        let status = StatusCode::from_u16(status).unwrap();
        Reply { origin: "https://siem.example".to_owned(), status, after: None, body: body.to_vec() }
    }

    #[test]
    fn only_bad_content_is_thrown_away() {
        for (status, expected) in [
            (200, "taken"),
            (202, "taken"),
            (204, "taken"),
            (302, "not now"),
            (400, "refused"),
            (401, "not now"),
            (403, "not now"),
            (404, "not now"),
            (408, "not now"),
            (410, "not now"),
            (413, "refused"),
            (415, "refused"),
            (422, "refused"),
            (425, "not now"),
            (429, "not now"),
            (500, "not now"),
            (503, "not now"),
        ] {
            let answer = match reply(status, b"").judge(None) {
                Answer::Taken => "taken",
                Answer::Refused(_) => "refused",
                Answer::NotNow { .. } => "not now",
            };
            assert_eq!(answer, expected, "{status}");
        }
    }

    #[test]
    fn the_reason_is_told_where_it_is_a_word() {
        let told = |body: &[u8]| match reply(403, body).judge(reply(403, body).word()) {
            Answer::NotNow { error, .. } => error.to_string(),
            answer => panic!("{answer:?}"),
        };
        let hint = ": it does not accept who we are; are the secrets the right ones?";
        assert_eq!(
            told(b"action_prohibited\n"),
            format!("https://siem.example answers 403 (action_prohibited){hint}")
        );
        for body in [&b""[..], b"Authorization: Bearer hunter2", b"\xff", &[b'a'; 65]] {
            assert_eq!(told(body), format!("https://siem.example answers 403{hint}"));
        }
    }

    #[test]
    fn a_pause_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for (text, expected) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Fri, 02 Jan 2026 03:04:35 GMT", Some(30)),
            ("Fri, 02 Jan 2026 03:04:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(pause(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}
