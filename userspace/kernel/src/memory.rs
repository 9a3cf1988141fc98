//! The allocator's memory.

/// Gives freed memory back to the system. Reading the kernel's type information, or rules, takes many MiB for a moment, in
/// pieces so small that the allocator of glibc would keep them for ever.
#[cfg(target_env = "gnu")]
pub fn give_back() {
    // SAFETY: it takes the allocator's own locks; there are no conditions.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators give it back by themselves.
#[cfg(not(target_env = "gnu"))]
pub const fn give_back() {}
