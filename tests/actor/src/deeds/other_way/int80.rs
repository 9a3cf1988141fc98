use std::{arch::asm, path::Path, ptr};

use rustix::io::Errno;

use crate::{
    arguments::c_path,
    raw::checked,
    report::{Lacking, Report},
};

/// Number of open(2) for 32-bit programs.
const OPEN: u32 = 5;

const PAGE: usize = 4096;

pub(super) fn open(path: &Path) -> anyhow::Result<Report> {
    let path = low(path)?;
    let result: i32;
    // SAFETY: the gate reads eax, ebx, ecx and edx, and leaves a descriptor or an error in eax. Older kernels clear
    // r8 to r11. The path lies below 4 GiB and ends in NUL.
    unsafe {
        asm!(
            "xchg {path:r}, rbx",
            "int 0x80",
            "xchg {path:r}, rbx",
            path = inout(reg) u64::from(path) => _,
            inout("eax") OPEN => result,
            in("ecx") libc::O_RDONLY,
            in("edx") 0,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
            options(nostack),
        );
    }
    if result == -libc::ENOSYS {
        return Err(Lacking("unsupported: the kernel has no 32-bit calls".to_owned()).into());
    }
    let result = if result < 0 { Err(Errno::from_raw_os_error(-result)) } else { Ok(()) };
    Report::new().outcome(result)
}

/// Puts a path where 32 bits can point to.
fn low(path: &Path) -> anyhow::Result<u32> {
    let path = c_path(path)?;
    let bytes = path.as_bytes_with_nul();
    anyhow::ensure!(bytes.len() <= PAGE, "the path is longer than any can be");
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
    // SAFETY: asks for new memory and replaces none.
    let page = unsafe { libc::mmap(ptr::null_mut(), PAGE, protection, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        checked(-1)?;
    }
    // SAFETY: the page is new, writable, and as long as the longest path.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), page.cast(), bytes.len()) };
    Ok(u32::try_from(page.expose_provenance())?)
}
