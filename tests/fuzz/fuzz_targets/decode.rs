//! Records of the ring buffer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    std::hint::black_box(rampart_kernel::decode(data).is_ok());
});
