use std::ffi::{c_long, c_void};

use rustix::io::Errno;

/// Makes a system call for which there is no wrapper.
///
/// # Safety
/// What the call itself demands: pointers among the arguments lead to what it reads and writes.
pub(crate) unsafe fn call<const N: usize>(number: c_long, arguments: [usize; N]) -> Result<usize, Errno> {
    let mut all = [0; 6];
    for (slot, argument) in all.iter_mut().zip(arguments) {
        *slot = argument;
    }
    let [first, second, third, fourth, fifth, sixth] = all;
    // SAFETY: by the caller's promise.
    let result = unsafe { libc::syscall(number, first, second, third, fourth, fifth, sixth) };
    checked(result).and_then(|value| usize::try_from(value).map_err(|_| Errno::OVERFLOW))
}

/// What a function of the C library returned, where -1 stands for an error in errno.
pub(crate) fn checked(result: c_long) -> Result<c_long, Errno> {
    if result == -1 { Err(crate::report::errno(&std::io::Error::last_os_error())) } else { Ok(result) }
}

/// The address of a value, as an argument of a call.
pub(crate) fn address<T: ?Sized>(value: &T) -> usize {
    (&raw const *value).cast::<c_void>().expose_provenance()
}
