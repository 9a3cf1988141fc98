//! Files and sockets behind descriptors.

use crate::kernel::{Pointer, offset};

/// The open file of a descriptor; null when there is none.
#[inline(always)]
pub(crate) fn file_of(files: Pointer, descriptor: u32) -> Pointer {
    let table = files.follow(offset!(files_fdt));
    let size: u32 = table.at(offset!(fdt_max_fds)).read();
    if descriptor >= size {
        return Pointer::new(core::ptr::null::<u8>());
    }
    table.follow(offset!(fdt_fd)).follow(descriptor.wrapping_mul(8))
}

/// `i_mode` of what a descriptor refers to; 0 when it is closed.
#[inline(always)]
pub(crate) fn mode_of(files: Pointer, descriptor: u32) -> u16 {
    let file = file_of(files, descriptor);
    if file.is_null() { 0 } else { file.follow(offset!(file_inode)).at(offset!(inode_mode)).read() }
}
