use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::bail;

/// How long anything may take on a busy machine before it counts as not happening. Not a promise of speed.
pub const PATIENCE: Duration = Duration::from_mins(2);

const STEP: Duration = Duration::from_millis(100);

/// Waits until there is an answer.
///
/// # Errors
/// When there is none for too long, or looking fails; the error says what was waited for.
pub fn until<T>(what: &str, mut look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("{what} was waited for in vain for {} s", PATIENCE.as_secs());
        }
        sleep(STEP);
    }
}
