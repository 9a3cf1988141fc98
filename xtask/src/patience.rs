//! Waiting for what other processes do.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// How long anything may take on a busy machine before it counts as not happening.
const PATIENCE: Duration = Duration::from_secs(30);

const STEP: Duration = Duration::from_millis(50);

/// Waits until `is_so`; an error says what did not come.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > deadline {
            bail!("{what} was waited for in vain for {} s", PATIENCE.as_secs());
        }
        sleep(STEP);
    }
    Ok(())
}
