//! The kernel's type information.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_kernel::Btf;

fuzz_target!(|data: &[u8]| {
    if let Ok(btf) = Btf::parse(data) {
        for (of, path) in [("task_struct", "pid"), ("sock", "__sk_common.skc_daddr"), ("a", "b.c.d")] {
            std::hint::black_box((btf.offset(of, path), btf.size(of), btf.enumerator(of, path)));
        }
    }
});
