//! Sealing costs no allocation once there has been a message of the size.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use allocation_counter::measure;
use rampart_wazuh::{AgentKey, Counter, MESSAGE_BYTES, Opener, Sealer};

fn key() -> AgentKey {
    AgentKey::parse("001 node1 10.0.0.1 0123456789abcdef0123456789abcdef").unwrap()
}

#[test]
fn a_message_is_sealed_without_an_allocation() {
    let longest = vec![b'x'; MESSAGE_BYTES];
    let (mut sealer, mut out) = (Sealer::new(&key(), Counter::default()), Vec::new());
    sealer.seal(&longest, &mut out).unwrap();
    let made = measure(|| {
        for length in (0..MESSAGE_BYTES).step_by(999) {
            out.clear();
            sealer.seal(&longest[..length], &mut out).unwrap();
        }
    });
    assert_eq!(made.count_total, 0, "{made:?}");
}

#[test]
fn a_message_is_opened_with_one_allocation() {
    let (mut opener, mut frame) = (Opener::new(&key()), Vec::new());
    Sealer::new(&key(), Counter::default()).seal(b"#!-agent ack ", &mut frame).unwrap();
    opener.open(&frame[4..]).unwrap();
    let made = measure(|| drop(opener.open(&frame[4..]).unwrap()));
    assert_eq!((made.count_total, made.bytes_total), (1, 13), "{made:?}");
}
