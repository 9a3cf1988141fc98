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
    let (shown, secret) = written.expose_secret().rsplit_once(' ').expect("four fields");
    // Somebody may have named the agent like its key.
    assert!(shown.contains(secret) || !format!("{key:?}").contains(secret));
});
