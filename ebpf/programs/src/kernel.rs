//! Reading kernel memory by offsets that the loader found.

use aya_ebpf::{cty::c_void, helpers::generated};
use rampart_abi::Offsets;

/// Set by the loader before the programs are.
#[unsafe(no_mangle)]
pub(crate) static OFFSETS: Offsets = Offsets::UNSET;

/// The offset that the loader found for an entry of the table.
macro_rules! offset {
    ($name:ident) => {
        $crate::kernel::load(&$crate::kernel::OFFSETS.$name)
    };
}
pub(crate) use offset;

/// Volatile, because the compiler must not believe in the value that the object file holds.
#[inline(always)]
pub(crate) fn load(offset: &u32) -> u32 {
    // SAFETY: a reference is readable.
    unsafe { core::ptr::read_volatile(offset) }
}

/// An address in kernel memory. Reading from a wrong one gives zeroes, never a fault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pointer(u64);

impl Pointer {
    pub(crate) fn new<T>(pointer: *const T) -> Self {
        Self(pointer as u64)
    }

    pub(crate) const fn address(self) -> u64 {
        self.0
    }

    pub(crate) const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The address that many bytes further on.
    #[inline(always)]
    pub(crate) const fn at(self, offset: u32) -> Self {
        Self(self.0.wrapping_add(offset as u64))
    }

    /// The address that many bytes before: from an embedded structure to what it is embedded in.
    #[inline(always)]
    pub(crate) const fn before(self, offset: u32) -> Self {
        Self(self.0.wrapping_sub(offset as u64))
    }

    /// What stands there; zeroes when it cannot be read.
    #[inline(always)]
    pub(crate) fn read<T: Number>(self) -> T {
        let mut value = T::ZERO;
        // SAFETY: the helper writes at most the size of `value`, and nothing when it fails.
        unsafe {
            generated::bpf_probe_read_kernel(
                (&raw mut value).cast::<c_void>(),
                size_of::<T>() as u32,
                self.0 as *const c_void,
            )
        };
        value
    }

    /// Copies what stands there to `target`; zeroes when it cannot be read.
    ///
    /// # Safety
    /// `target` is writable.
    #[inline(always)]
    pub(crate) unsafe fn copy_to<T: Number>(self, target: *mut T) {
        // SAFETY: the helper writes the size of T; what it cannot read it writes as zeroes.
        unsafe {
            generated::bpf_probe_read_kernel(
                target.cast::<c_void>(),
                size_of::<T>() as u32,
                self.0 as *const c_void,
            )
        };
    }

    /// The pointer that stands at an offset.
    #[inline(always)]
    pub(crate) fn follow(self, offset: u32) -> Self {
        Self(self.at(offset).read::<u64>())
    }
}

/// A plain value that any bytes make: integers and arrays of bytes.
pub(crate) trait Number: Copy {
    const ZERO: Self;
}

impl Number for u8 {
    const ZERO: Self = 0;
}
impl Number for u16 {
    const ZERO: Self = 0;
}
impl Number for u32 {
    const ZERO: Self = 0;
}
impl Number for u64 {
    const ZERO: Self = 0;
}
impl Number for [u8; 16] {
    const ZERO: Self = [0; 16];
}
