//! Reading kernel memory by offsets that the loader found.

use aya_ebpf::{cty::c_void, helpers::generated};
use rampart_abi::{ABSENT, Offsets};

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
    pub(crate) const NULL: Self = Self(0);

    pub(crate) const fn from_address(address: u64) -> Self {
        Self(address)
    }

    pub(crate) const fn address(self) -> u64 {
        self.0
    }

    pub(crate) const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The address that many bytes further on; null where this kernel has no such field.
    #[inline(always)]
    pub(crate) const fn at(self, offset: u32) -> Self {
        if offset == ABSENT { Self::NULL } else { Self(self.0.wrapping_add(offset as u64)) }
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

    /// The pointer that stands at an offset.
    #[inline(always)]
    pub(crate) fn follow(self, offset: u32) -> Self {
        Self(self.at(offset).read::<u64>())
    }
}

/// Whether the kernel hands out its current task as an object that can be read directly.
#[inline(always)]
pub(crate) fn has_direct_reads() -> bool {
    offset!(helper_current_task) != ABSENT
}

/// An object of the kernel whose type the verifier knows: its fields are read by plain loads, each some twenty times
/// cheaper than the helper's. What a field that points to another object holds is an object too; what any other field
/// holds (`void *`, pointers to pointers) is only a [`Pointer`], and the verifier refuses to read from it directly.
///
/// On kernels without [`has_direct_reads`] everything goes by the helper: the verifier sees that the other
/// branch cannot be taken and removes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Object(u64);

impl Object {
    /// An argument of a BTF tracepoint, or what a helper calls an object.
    pub(crate) fn new<T>(pointer: *const T) -> Self {
        Self(pointer as u64)
    }

    /// The same place, to be read by the helper.
    pub(crate) const fn pointer(self) -> Pointer {
        Pointer(self.0)
    }

    /// A field. This kernel has it.
    #[inline(always)]
    pub(crate) const fn at(self, offset: u32) -> Self {
        Self(self.0.wrapping_add(offset as u64))
    }

    /// What stands there.
    #[inline(always)]
    pub(crate) fn read<T: Number>(self) -> T {
        if has_direct_reads() {
            // SAFETY: the verifier checks type and place; a fault gives zeroes.
            unsafe { core::ptr::read_volatile(self.0 as *const T) }
        } else {
            self.pointer().read()
        }
    }

    /// The object that a field points to.
    #[inline(always)]
    pub(crate) fn follow(self, offset: u32) -> Self {
        Self(self.at(offset).read::<u64>())
    }
}

/// What fields can be read from, by either way.
pub(crate) trait Place: Copy {
    /// What stands at an offset; zeroes when it cannot be read.
    fn field<T: Number>(self, offset: u32) -> T;
}

impl Place for Pointer {
    #[inline(always)]
    fn field<T: Number>(self, offset: u32) -> T {
        self.at(offset).read()
    }
}

impl Place for Object {
    #[inline(always)]
    fn field<T: Number>(self, offset: u32) -> T {
        self.at(offset).read()
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
impl Number for [u64; 2] {
    const ZERO: Self = [0; 2];
}
impl Number for [u8; 16] {
    const ZERO: Self = [0; 16];
}
