//! What the tracepoints of system calls hand over.

use aya_ebpf::EbpfContext;

/// The `n`th argument of a system call, or for n = 0 at its exit the return value: both stand behind the 8
/// bytes of common fields and the 8 of the call's number (format files in tracefs).
#[inline(always)]
pub(crate) fn argument<C: EbpfContext>(ctx: &C, n: usize) -> u64 {
    // SAFETY: the verifier checks that the place is in the context.
    unsafe { ctx.as_ptr().cast::<u64>().add(2 + n).read() }
}
