//! What answers a request to enrol: a key for the name that was asked for, or a reason that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_wazuh::{AgentVersion, Enrolment, parse_reply};

fuzz_target!(|data: &[u8]| {
    let enrolment = Enrolment {
        name: "node1".to_owned(),
        version: AgentVersion::default(),
        groups: Vec::new(),
        address: None,
        password: None,
        key_hash: None,
    };
    let reply = parse_reply(data);
    match enrolment.accept(data) {
        Ok(key) => {
            assert_eq!(key.name(), "node1");
            assert!(key.id().bytes().any(|digit| digit != b'0'));
            assert!(reply.is_ok());
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 1024 && !text.contains(char::is_control), "{text:?}");
            if let Some(refusal) = error.refusal() {
                assert!(!refusal.help().is_empty());
                assert_eq!(reply.err(), Some(error));
            }
        }
    }
});
