//! Recorded events: what is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_model::Record;

fuzz_target!(|data: &[u8]| {
    let Ok(json) = serde_json::from_slice(data) else { return };
    if let Ok(record) = Record::from_json(&json) {
        assert_eq!(Record::from_json(&record.to_json()).as_ref(), Ok(&record));
    }
});
