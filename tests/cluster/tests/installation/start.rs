//! The installation itself.

use crate::site::Site;

/// What the user is promised, on a machine that may be slow.
const PROMISED_SECONDS: f64 = 60.0;

#[test]
fn agents_are_ready_within_a_minute_of_the_installation() {
    let ready_after = Site::get().chart().ready_after.as_secs_f64();
    println!("all agents were ready {ready_after:.1} s after `helm install` was begun");
    assert!(ready_after < PROMISED_SECONDS, "{ready_after} s");
}
