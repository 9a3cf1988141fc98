use crate::names::{NumberName, nth};

/// io_uring itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoUring {
    /// io_uring_setup(2), with room for so many submissions.
    Setup(u32),
    /// A submission of which only the operation is known, by its number.
    Submit(u8),
}

impl IoUring {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup(_) => "io_uring_setup",
            Self::Submit(_) => "io_uring_submit",
        }
    }

    /// The value of the field `io_uring.opcode`.
    #[must_use]
    pub fn opcode_name(self) -> Option<NumberName> {
        match self {
            Self::Setup(_) => None,
            Self::Submit(opcode) => Some(nth(OPCODES, opcode.into())),
        }
    }
}

/// enum io_uring_op (include/uapi/linux/io_uring.h)
const OPCODES: &[&str] = &[
    "nop",
    "readv",
    "writev",
    "fsync",
    "read_fixed",
    "write_fixed",
    "poll_add",
    "poll_remove",
    "sync_file_range",
    "sendmsg",
    "recvmsg",
    "timeout",
    "timeout_remove",
    "accept",
    "async_cancel",
    "link_timeout",
    "connect",
    "fallocate",
    "openat",
    "close",
    "files_update",
    "statx",
    "read",
    "write",
    "fadvise",
    "madvise",
    "send",
    "recv",
    "openat2",
    "epoll_ctl",
    "splice",
    "provide_buffers",
    "remove_buffers",
    "tee",
    "shutdown",
    "renameat",
    "unlinkat",
    "mkdirat",
    "symlinkat",
    "linkat",
    "msg_ring",
    "fsetxattr",
    "setxattr",
    "fgetxattr",
    "getxattr",
    "socket",
    "uring_cmd",
    "send_zc",
    "sendmsg_zc",
    "read_multishot",
    "waitid",
    "futex_wait",
    "futex_wake",
    "futex_waitv",
    "fixed_fd_install",
    "ftruncate",
    "bind",
    "listen",
    "recv_zc",
    "epoll_wait",
    "readv_fixed",
    "writev_fixed",
    "pipe",
];
