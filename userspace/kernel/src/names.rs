//! Where names of hosts, users and groups are looked up.

/// Keeps lookups to what the C library has inside: files and DNS.
///
/// A binary with the library inside would otherwise load the modules that /etc/nsswitch.conf names, of a host with
/// another release of the library, and be killed: measured with glibc 2.36 on a host of 2.41 whose line is
/// `hosts: files mymachines resolve dns`.
///
/// To be called before there is a second thread, and before the first lookup.
#[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
pub fn look_up_without_modules() {
    use std::ffi::{CStr, c_char, c_int};

    const SERVICES: [(&CStr, &CStr); 3] =
        [(c"hosts", c"files dns"), (c"passwd", c"files"), (c"group", c"files")];

    // As nss.h of glibc declares it.
    unsafe extern "C" {
        fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
    }

    for (database, services) in SERVICES {
        // SAFETY: both texts end with a zero byte and live for ever; there is no other thread yet. It fails for a
        // database that is unknown, and then nothing has changed.
        unsafe { __nss_configure_lookup(database.as_ptr(), services.as_ptr()) };
    }
}

/// A binary that uses the host's library loads modules that fit.
#[cfg(not(all(target_env = "gnu", target_feature = "crt-static")))]
pub const fn look_up_without_modules() {}
