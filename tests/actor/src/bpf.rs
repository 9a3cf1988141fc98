//! The few commands of bpf(2) that deeds need.

use std::{
    ffi::CStr,
    os::fd::{FromRawFd as _, OwnedFd, RawFd},
};

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, setrlimit},
};

use crate::raw::{address, call};

const MAP_CREATE: usize = 0;
const PROG_LOAD: usize = 5;
const RAW_TRACEPOINT_OPEN: usize = 17;

/// `r0 = 0; exit`
const RETURN_ZERO: [u64; 2] = [0xb7, 0x95];

/// Room for a name with its NUL (BPF_OBJ_NAME_LEN).
pub(crate) type Name = [u8; 16];

/// Types of programs that the two instructions are good for.
pub(crate) const SOCKET_FILTER: u32 = 1;
pub(crate) const RAW_TRACEPOINT: u32 = 17;

/// BPF_MAP_TYPE_ARRAY
const ARRAY: u32 = 2;

/// The members of union bpf_attr for PROG_LOAD, as far as needed.
#[repr(C)]
struct Load {
    program_type: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: Name,
}

/// The members for MAP_CREATE, as far as needed.
#[repr(C)]
struct Create {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    entries: u32,
    flags: u32,
    inner: u32,
    node: u32,
    name: Name,
}

/// The members for RAW_TRACEPOINT_OPEN. The name is 0 for programs that know it themselves.
#[repr(C)]
struct OpenTracepoint {
    name: u64,
    program: u32,
    padding: u32,
}

fn bpf<T>(command: usize, attributes: &T) -> Result<OwnedFd, Errno> {
    // Before Linux 5.11 maps and programs count as locked memory of their user, the daemon's among them.
    setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None }).unwrap_or_default();
    // SAFETY: the attributes are those of the command, and what they point to outlives the call.
    let descriptor = unsafe { call(libc::SYS_bpf, [command, address(attributes), size_of::<T>()]) }?;
    let descriptor = RawFd::try_from(descriptor).map_err(|_| Errno::OVERFLOW)?;
    // SAFETY: the kernel has just given it to this process, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Loads a program that does nothing.
pub(crate) fn load(program_type: u32, name: Name) -> Result<OwnedFd, Errno> {
    let license = c"GPL";
    let attributes = Load {
        program_type,
        instruction_count: 2,
        instructions: address(&RETURN_ZERO) as u64,
        license: address(license) as u64,
        log_level: 0,
        log_size: 0,
        log: 0,
        kernel_version: 0,
        flags: 0,
        name,
    };
    bpf(PROG_LOAD, &attributes)
}

/// Makes an array of one number.
pub(crate) fn create_map(name: Name) -> Result<OwnedFd, Errno> {
    let attributes =
        Create { map_type: ARRAY, key_size: 4, value_size: 4, entries: 1, flags: 0, inner: 0, node: 0, name };
    bpf(MAP_CREATE, &attributes)
}

pub(crate) fn open_tracepoint(program: &OwnedFd, tracepoint: &CStr) -> Result<OwnedFd, Errno> {
    use std::os::fd::AsRawFd as _;
    let program = program.as_raw_fd().unsigned_abs();
    bpf(RAW_TRACEPOINT_OPEN, &OpenTracepoint { name: address(tracepoint) as u64, program, padding: 0 })
}
