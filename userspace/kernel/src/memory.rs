//! The allocator's memory.

/// Gives freed memory back to the system. Reading the kernel's type information takes some 15 MiB for a moment, in
/// pieces so small that the allocator of glibc would keep them for ever.
#[cfg(target_env = "gnu")]
pub(crate) fn give_back() {
    // SAFETY: it takes the allocator's own locks; there are no conditions.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators give it back by themselves.
#[cfg(not(target_env = "gnu"))]
pub(crate) const fn give_back() {}
