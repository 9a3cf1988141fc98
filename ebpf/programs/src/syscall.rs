//! What system calls were given and what they gave back.
//!
//! Programs sit at the end of a call only. Its arguments are still in the registers that the kernel saved at its
//! beginning; that saves a program there, and a map to remember them in.

use aya_ebpf::{
    EbpfContext,
    helpers::{bpf_probe_read_user, generated::bpf_task_pt_regs},
};
use rampart_abi::ABSENT;

use crate::{
    kernel::{Object, offset},
    task,
};

/// Bytes of a kernel stack on x86-64 and arm64 with 4 KiB pages, unless KASAN is on
/// (arch/x86/include/asm/page_64_types.h). Needed before Linux 5.15 only.
const THREAD_SIZE: u32 = 16 * 1024;

/// A system call that returns.
#[derive(Clone, Copy)]
pub(crate) struct Return {
    registers: Object,
    pub(crate) value: i64,
}

impl Return {
    /// From the tracepoint of its end: the value stands behind the 8 bytes of common fields and the 8 of the
    /// call's number (format files in tracefs).
    #[inline(always)]
    pub(crate) fn of<C: EbpfContext>(ctx: &C) -> Self {
        Self { registers: registers(), value: Self::value_of(ctx) }
    }

    /// The value alone, which costs next to nothing.
    #[inline(always)]
    pub(crate) fn value_of<C: EbpfContext>(ctx: &C) -> i64 {
        // SAFETY: the verifier checks that the place is in the context.
        unsafe { ctx.as_ptr().cast::<i64>().add(2).read() }
    }

    #[inline(always)]
    pub(crate) fn succeeded(self) -> bool {
        self.value >= 0
    }

    /// 0 for success.
    #[inline(always)]
    pub(crate) fn errno(self) -> u32 {
        if self.value < 0 { (-self.value) as u32 } else { 0 }
    }

    /// An argument.
    #[inline(always)]
    pub(crate) fn argument(self, n: usize) -> u64 {
        let place = match n {
            0 => offset!(register_0),
            1 => offset!(register_1),
            2 => offset!(register_2),
            3 => offset!(register_3),
            _ => offset!(register_4),
        };
        if offset!(helper_task_registers) == ABSENT {
            self.registers.pointer().at(place).read()
        } else {
            self.registers.at(place).read()
        }
    }
}

/// The user's registers as they were when the running task entered the kernel.
#[inline(always)]
pub(crate) fn registers() -> Object {
    let task = task::current();
    if offset!(helper_task_registers) == ABSENT {
        let stack = task.at(offset!(task_stack)).read::<u64>();
        return Object::new(stack.wrapping_add(u64::from(THREAD_SIZE - offset!(registers_size))) as *const u8);
    }
    // SAFETY: the current task.
    Object::new(unsafe { bpf_task_pt_regs(task.pointer().address() as *mut _) } as *const u8)
}

/// The number of the running system call.
#[inline(always)]
pub(crate) fn number() -> u64 {
    let registers = registers();
    if offset!(helper_task_registers) == ABSENT {
        registers.pointer().at(offset!(register_call)).read()
    } else {
        registers.at(offset!(register_call)).read()
    }
}

/// A word of the caller's memory; 0 when it cannot be read.
#[inline(always)]
pub(crate) fn user_word(address: u64) -> u64 {
    // SAFETY: the helper checks the address.
    unsafe { bpf_probe_read_user(address as *const u64) }.unwrap_or(0)
}
