//! Every hook, the better ones of a kind first.

use rampart_abi::Operation;
use rampart_model::EventKind;

use super::{Hook, Point};

/// One row: program, point, kinds, what is not seen without it, and what only few need.
macro_rules! hooks {
    ($($program:literal at $point:ident($($place:tt)*) of [$($kind:ident),+] without $without:literal
        $(unless $unless:literal)? $(resolves $operation:ident)? $(needs $field:literal)?;)*) => {
        pub(crate) const HOOKS: &[Hook] = &[$(Hook {
            program: $program,
            point: Point::$point($($place)*),
            kinds: &[$(EventKind::$kind),+],
            without: $without,
            unless: hooks!(@option $($unless)?),
            resolves: hooks!(@option $(Operation::$operation)?),
            needs: hooks!(@option $($field)?),
        },)*];
    };
    (@option) => { None };
    (@option $value:expr) => { Some($value) };
}

hooks! {
    "sched_process_exec" at BtfTracepoint(&["sched_process_exec"]) of [Exec]
        without "executed programs";
    "sched_process_fork" at BtfTracepoint(&["sched_process_fork"]) of [Fork]
        without "the ancestry of processes that forked without exec";
    "sched_process_exit" at BtfTracepoint(&["sched_process_exit"]) of [Exit]
        without "ends of processes";
    "sys_exit_execve" at Syscalls(&["sys_exit_execve"]) of [ExecFailed]
        without "programs that could not be executed";
    "sys_exit_execveat" at Syscalls(&["sys_exit_execveat"]) of [ExecFailed]
        without "programs that could not be executed, by execveat";
    "inet_sock_set_state" at BtfTracepoint(&["inet_sock_set_state"]) of [Connect]
        without "TCP connections";
    "sys_exit_connect" at Syscalls(&["sys_exit_connect"]) of [Connect, Socket]
        without "UDP connections, TCP connections refused before the first packet, connections to unix sockets";
    "sys_exit_bind" at Syscalls(&["sys_exit_bind"]) of [Socket]
        without "addresses that sockets are bound to";
    "sys_exit_listen" at Syscalls(&["sys_exit_listen"]) of [Socket]
        without "sockets that listen";
    "sys_exit_accept" at Syscalls(&["sys_exit_accept", "sys_exit_accept4"]) of [Socket]
        without "accepted connections";
    "sys_exit_socket" at Syscalls(&["sys_exit_socket"]) of [Socket]
        without "packet and raw sockets";
    "sys_exit_dup" at Syscalls(&["sys_exit_dup", "sys_exit_dup2", "sys_exit_dup3"]) of [Descriptor]
        without "sockets put in place of standard input and output";
    "sys_exit_fcntl" at Syscalls(&["sys_exit_fcntl"]) of [Descriptor]
        without "sockets put in place of standard input and output by fcntl";
    "fexit_path_mount" at FunctionEnd("path_mount") of [Mount]
        without "paths of mounts as the kernel resolved them; the call is believed instead";
    "sys_exit_mount" at Syscalls(&["sys_exit_mount"]) of [Mount]
        without "mounts";
    "lsm_sb_umount" at Security("sb_umount") of [Mount]
        without "paths of unmounts as the kernel resolved them; the call is believed instead";
    "sys_exit_umount" at Syscalls(&["sys_exit_umount"]) of [Mount]
        without "unmounts";
    "sys_exit_fsopen" at Syscalls(&["sys_exit_fsopen"]) of [Mount]
        without "file systems opened to be mounted";
    "sys_exit_fsmount" at Syscalls(&["sys_exit_fsmount"]) of [Mount]
        without "mounts made by the new calls";
    "sys_exit_move_mount" at Syscalls(&["sys_exit_move_mount"]) of [Mount]
        without "mounts attached by the new calls";
    "sys_exit_open_tree" at Syscalls(&["sys_exit_open_tree"]) of [Mount]
        without "mounts cloned by the new calls";
    "sys_exit_mount_setattr" at Syscalls(&["sys_exit_mount_setattr"]) of [Mount]
        without "changed attributes of mounts";
    "sys_exit_pivot_root" at Syscalls(&["sys_exit_pivot_root"]) of [Mount]
        without "new roots of mount namespaces";
    "sys_exit_setns" at Syscalls(&["sys_exit_setns"]) of [Namespace]
        without "namespaces entered";
    "sys_exit_unshare" at Syscalls(&["sys_exit_unshare"]) of [Namespace]
        without "namespaces made by unshare";
    "fork_namespaces" at BtfTracepoint(&["sched_process_fork"]) of [Namespace]
        without "namespaces made by clone";
    "sys_exit_chroot" at Syscalls(&["sys_exit_chroot"]) of [Namespace]
        without "changed root directories";
    "sys_exit_openat" at Syscalls(&["sys_exit_openat"]) of [File]
        without "files opened by openat";
    "sys_exit_openat2" at Syscalls(&["sys_exit_openat2"]) of [File]
        without "files opened by openat2";
    "sys_exit_open" at Syscalls(&["sys_exit_open"]) of [File]
        without "files opened by open";
    "sys_exit_creat" at Syscalls(&["sys_exit_creat"]) of [File]
        without "files opened by creat";
    "lsm_file_open" at Security("file_open") of [File]
        without "the true paths of files opened by io_uring, and files opened by the 32-bit ABI" resolves Open;
    "lsm_path_unlink" at Security("path_unlink") of [File]
        without "the kernel's own paths of unlink; the call is believed instead" resolves Unlink;
    "lsm_path_rmdir" at Security("path_rmdir") of [File]
        without "the kernel's own paths of rmdir; the call is believed instead" resolves Rmdir;
    "lsm_path_rename" at Security("path_rename") of [File]
        without "the kernel's own paths of rename; the call is believed instead" resolves Rename;
    "lsm_path_link" at Security("path_link") of [File]
        without "the kernel's own paths of link; the call is believed instead" resolves Link;
    "lsm_path_symlink" at Security("path_symlink") of [File]
        without "the kernel's own paths of symlink; the call is believed instead" resolves Symlink;
    "lsm_path_mknod" at Security("path_mknod") of [File]
        without "the kernel's own paths of mknod; the call is believed instead" resolves Mknod;
    "lsm_path_chmod" at Security("path_chmod") of [File]
        without "the kernel's own paths of chmod; the call is believed instead" resolves Chmod;
    "lsm_path_chown" at Security("path_chown") of [File]
        without "the kernel's own paths of chown; the call is believed instead" resolves Chown;
    "sys_exit_rename" at Syscalls(&["sys_exit_rename"]) of [File]
        without "renamed files";
    "sys_exit_renameat" at Syscalls(&["sys_exit_renameat", "sys_exit_renameat2"]) of [File]
        without "renamed files";
    "sys_exit_unlink" at Syscalls(&["sys_exit_unlink"]) of [File]
        without "removed files";
    "sys_exit_unlinkat" at Syscalls(&["sys_exit_unlinkat"]) of [File]
        without "removed files and folders";
    "sys_exit_rmdir" at Syscalls(&["sys_exit_rmdir"]) of [File]
        without "removed folders";
    "sys_exit_link" at Syscalls(&["sys_exit_link"]) of [File]
        without "hard links";
    "sys_exit_linkat" at Syscalls(&["sys_exit_linkat"]) of [File]
        without "hard links";
    "sys_exit_symlink" at Syscalls(&["sys_exit_symlink"]) of [File]
        without "symbolic links";
    "sys_exit_symlinkat" at Syscalls(&["sys_exit_symlinkat"]) of [File]
        without "symbolic links";
    "sys_exit_chmod" at Syscalls(&["sys_exit_chmod"]) of [File]
        without "changed modes";
    "sys_exit_fchmod" at Syscalls(&["sys_exit_fchmod"]) of [File]
        without "changed modes of open files";
    "sys_exit_fchmodat" at Syscalls(&["sys_exit_fchmodat", "sys_exit_fchmodat2"]) of [File]
        without "changed modes";
    "sys_exit_chown" at Syscalls(&["sys_exit_chown", "sys_exit_lchown"]) of [File]
        without "changed owners";
    "sys_exit_fchown" at Syscalls(&["sys_exit_fchown"]) of [File]
        without "changed owners of open files";
    "sys_exit_fchownat" at Syscalls(&["sys_exit_fchownat"]) of [File]
        without "changed owners";
    "sys_exit_mknod" at Syscalls(&["sys_exit_mknod"]) of [File]
        without "device files";
    "sys_exit_mknodat" at Syscalls(&["sys_exit_mknodat"]) of [File]
        without "device files";
    "lsm_ptrace_access_check" at Security("ptrace_access_check") of [Access]
        without "whose memory is read where the caller lives in a pid namespace of its own";
    "sys_exit_ptrace" at Syscalls(&["sys_exit_ptrace"]) of [Access]
        without "processes traced by others";
    "sys_exit_process_vm_readv" at Syscalls(&["sys_exit_process_vm_readv"]) of [Access]
        without "reads of other processes' memory";
    "sys_exit_process_vm_writev" at Syscalls(&["sys_exit_process_vm_writev"]) of [Access]
        without "writes to other processes' memory";
    "sys_exit_memfd_create" at Syscalls(&["sys_exit_memfd_create"]) of [Memfd]
        without "files in memory";
    "sys_exit_init_module" at Syscalls(&["sys_exit_init_module"]) of [Module]
        without "kernel modules loaded from memory";
    "sys_exit_finit_module" at Syscalls(&["sys_exit_finit_module"]) of [Module]
        without "kernel modules loaded from files";
    "sys_exit_delete_module" at Syscalls(&["sys_exit_delete_module"]) of [Module]
        without "kernel modules removed";
    "sys_exit_bpf" at Syscalls(&["sys_exit_bpf"]) of [Bpf]
        without "eBPF programs and maps";
    "sys_enter_credentials" at Syscalls(&["sys_enter_setuid", "sys_enter_setreuid", "sys_enter_setresuid", "sys_enter_setgid", "sys_enter_setregid", "sys_enter_setresgid", "sys_enter_capset"]) of [Credentials]
        without "changed identities and capabilities";
    "sys_exit_credentials" at Syscalls(&["sys_exit_setuid", "sys_exit_setreuid", "sys_exit_setresuid", "sys_exit_setgid", "sys_exit_setregid", "sys_exit_setresgid", "sys_exit_capset"]) of [Credentials]
        without "changed identities and capabilities";
    "signal_generate" at BtfTracepoint(&["signal_generate"]) of [Signal]
        without "signals from one container to another or to the host";
    "sys_exit_io_uring_setup" at Syscalls(&["sys_exit_io_uring_setup"]) of [IoUring]
        without "io_uring instances";
    "io_uring_submit" at BtfTracepoint(&["io_uring_submit_req", "io_uring_submit_sqe"]) of [IoUring, File]
        without "files and sockets opened, renamed and removed by io_uring" needs "request_command";
    "io_uring_submit_opcode" at BtfTracepoint(&["io_uring_submit_sqe"]) of [IoUring]
        without "operations by io_uring" unless "io_uring_submit";
}
