//! The eBPF programs of rampart, one file per family of events.
//!
//! What is seen is seen by BTF tracepoints and tracepoints of system calls, which load everywhere. Where the kernel allows
//! them, security hooks and the ends of functions ([`security`]) see better. Kernel structures are read through
//! [`kernel::Pointer`] with the offsets that the loader found in the kernel's own type information.

#![no_std]
#![no_main]
// For one atomic addition: see `flood`. The stable compiler is told to accept it, as it is told to build `core`.
#![feature(asm_experimental_arch)]
#![expect(
    clippy::inline_always,
    reason = "the verifier follows no calls into functions of ours: all are inlined"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "aya's macros hand the context of a program over by value"
)]
#![expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "one raw pointer, one promise, many writes of a record"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "kernel numbers are cut to their wire size on purpose"
)]

mod access;
mod attempt;
mod call;
mod code;
mod connect;
mod credentials;
mod emit;
mod file;
mod flood;
mod io_uring;
mod kernel;
mod maps;
mod mount;
mod names;
mod namespace;
mod pending;
mod process;
mod security;
mod socket;
mod syscall;
mod task;
mod watch;

/// Lets the programs use the helpers that the kernel keeps for GPL-compatible code.
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    // The verifier refuses a program that could get here.
    loop {}
}
