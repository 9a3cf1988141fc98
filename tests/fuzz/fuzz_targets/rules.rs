//! Rule files: whatever loads also compiles, and its tests can be run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_policy::{Catalogue, Mode, parse};
use rampart_runtime::{Engine, try_rules};

fuzz_target!(|data: &[u8]| {
    for mode in [Mode::Strict, Mode::Lenient] {
        if let Ok(rules) = parse("fuzz.yml", data, &Catalogue::default(), mode) {
            std::hint::black_box((Engine::compile(&rules), try_rules(&rules)));
        }
    }
});
