//! Rule files: whatever loads also compiles, and its tests can be run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_policy::{Catalogue, Mode, RuleSet, parse_rules};
use rampart_runtime::{Engine, try_rules};

fuzz_target!(|data: &[u8]| {
    for mode in [Mode::Strict, Mode::Lenient] {
        if let Ok(rules) = parse_rules("fuzz.yml", data, &Catalogue::default(), mode) {
            let rules: RuleSet = rules.into_iter().collect();
            std::hint::black_box((Engine::compile(&rules), try_rules(&rules)));
        }
    }
});
