use tokio::time::timeout;

use super::Link;
use crate::{Ladder, Limits, ManagerMessage, Trouble, refuses_version, startup};

/// What became of our start.
pub(crate) enum Started {
    /// The manager has acknowledged us.
    Yes,
    /// It has refused our version and gone; a lower one is to be tried on a new connection.
    TryLower,
}

/// Says who we are and waits for the acknowledgement. A refused version is followed by the next lower one.
pub(crate) async fn start(
    link: &mut Link<'_>,
    ladder: &mut Ladder,
    limits: &Limits,
) -> Result<Started, Trouble> {
    let mut is_refused = false;
    loop {
        // It is short.
        link.push(&startup(ladder.current())).map_err(|_| Trouble::Unanswered)?;
        let answer = timeout(limits.response, answer(link)).await.unwrap_or(Err(Trouble::Unanswered));
        match answer {
            Ok(None) => {
                ladder.accept();
                return Ok(Started::Yes);
            }
            Ok(Some(message)) if refuses_version(&message) => {
                let refused = ladder.current();
                if ladder.lower().is_none() {
                    return Err(Trouble::Version { lowest: refused });
                }
                is_refused = true;
            }
            Ok(Some(message)) => return Err(Trouble::Refused(message)),
            Err(Trouble::Closed | Trouble::Broken(_)) if is_refused => return Ok(Started::TryLower),
            Err(Trouble::Closed | Trouble::Broken(_)) => return Err(Trouble::ClosedAtStart),
            Err(trouble) => return Err(trouble),
        }
    }
}

/// The refusal, or none if it is an acknowledgement. What else a manager says before that is passed over.
async fn answer(link: &mut Link<'_>) -> Result<Option<String>, Trouble> {
    loop {
        let Some(message) = link.turn().await? else { continue };
        match ManagerMessage::parse(&message) {
            ManagerMessage::Ack => return Ok(None),
            ManagerMessage::Error { message } => return Ok(Some(message)),
            _ => {}
        }
    }
}
