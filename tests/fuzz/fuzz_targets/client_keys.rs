//! Lines of `client.keys`: what is read can be written and read again, and is not shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_wazuh::AgentKey;
use secrecy::ExposeSecret as _;

fuzz_target!(|line: &str| {
    let Ok(key) = AgentKey::parse(line) else { return };
    let written = key.to_line();
    let again = AgentKey::parse(written.expose_secret()).expect("what is written can be read");
    assert_eq!(again.to_line().expose_secret(), written.expose_secret());
    assert_eq!((again.id(), again.name(), again.address()), (key.id(), key.name(), key.address()));
    assert_eq!((again.hash().len(), again.hash()), (40, key.hash()));
    // What is shown of it is the same whatever the secret is.
    let (known, _) = written.expose_secret().rsplit_once(' ').expect("four fields");
    let other = AgentKey::parse(&format!("{known} {}", "0".repeat(64))).expect("another key");
    assert_eq!(format!("{key:?}"), format!("{other:?}"));
});
