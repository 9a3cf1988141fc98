//! The one table of kernel fields that the programs read.
//!
//! rustc emits no field relocations for BPF, so the loader looks every field up in the running kernel's own
//! type information (BTF) and hands the offsets over as one read-only global.

/// Value of an [`Offsets`] entry that this kernel does not have.
pub const ABSENT: u32 = u32::MAX;

/// What a table entry asks the kernel's type information for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Byte offset of a field; a dotted path goes through embedded structures.
    Offset {
        /// Structure.
        of: &'static str,
        /// Field names to try, newest kernel first.
        fields: &'static [&'static str],
    },
    /// Size of a structure.
    Size {
        /// Structure.
        of: &'static str,
    },
    /// Value of an enumerator.
    Enumerator {
        /// Enumeration.
        of: &'static str,
        /// Constant.
        constant: &'static str,
    },
}

/// What it means when a kernel lacks an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The programs cannot work.
    Fatal,
    /// They work with less.
    Loses(&'static str),
}

/// One entry of the table.
#[derive(Debug, Clone, Copy)]
pub struct KernelField {
    /// The entry's name in [`Offsets`].
    pub name: &'static str,
    /// What to look up.
    pub what: What,
    /// What its absence means.
    pub absence: Absence,
}

macro_rules! absence {
    () => {
        Absence::Fatal
    };
    ($lost:literal) => {
        Absence::Loses($lost)
    };
}

macro_rules! what {
    (sizeof $of:ident) => { What::Size { of: stringify!($of) } };
    (enum $of:ident :: $constant:ident) => {
        What::Enumerator { of: stringify!($of), constant: stringify!($constant) }
    };
    ($of:ident . $($field:literal)|+) => {
        What::Offset { of: stringify!($of), fields: &[$($field),+] }
    };
}

macro_rules! offsets {
    ($($name:ident = [$($what:tt)*] $(else $lost:literal)?;)*) => {
        /// What the loader found for each entry of the table, or [`ABSENT`].
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        #[expect(missing_docs, reason = "the table below says what each is")]
        pub struct Offsets { $(pub $name: u32,)* }

        impl Offsets {
            /// Before the loader has set it.
            pub const UNSET: Self = Self { $($name: ABSENT,)* };

            /// The table, in the order of the fields of [`Offsets`].
            pub const TABLE: &[KernelField] = &[$(KernelField {
                name: stringify!($name),
                what: what!($($what)*),
                absence: absence!($($lost)?),
            },)*];
        }

        const _: () = assert!(size_of::<Offsets>() == Offsets::TABLE.len() * 4);
    };
}

offsets! {
    // Direct reading of the kernel's own types instead of by a helper (Linux 5.11), and the registers of a system
    // call (Linux 5.15).
    helper_current_task = [enum bpf_func_id::BPF_FUNC_get_current_task_btf]
        else "nothing; fields are read by the slower way";
    helper_task_registers = [enum bpf_func_id::BPF_FUNC_task_pt_regs]
        else "nothing; registers are read by the slower way";
    registers_size = [sizeof pt_regs];
    register_0 = [pt_regs."di"|"orig_x0"];
    register_1 = [pt_regs."si"|"regs[1]"];
    register_2 = [pt_regs."dx"|"regs[2]"];
    register_3 = [pt_regs."r10"|"regs[3]"];
    register_4 = [pt_regs."r8"|"regs[4]"];
    register_call = [pt_regs."orig_ax"|"syscallno"];
    task_stack = [task_struct."stack"];
    task_flags = [task_struct."flags"];
    task_thread_status = [task_struct."thread_info.status"]
        else "calls by the 32-bit ABI";
    task_pid = [task_struct."pid"];
    task_tgid = [task_struct."tgid"];
    task_group_leader = [task_struct."group_leader"];
    task_real_parent = [task_struct."real_parent"];
    task_start_boottime = [task_struct."start_boottime"];
    task_comm = [task_struct."comm"];
    task_cred = [task_struct."cred"];
    task_nsproxy = [task_struct."nsproxy"];
    task_thread_pid = [task_struct."thread_pid"];
    task_mm = [task_struct."mm"];
    task_fs = [task_struct."fs"];
    task_files = [task_struct."files"];
    task_cgroups = [task_struct."cgroups"];
    task_signal = [task_struct."signal"];
    task_exit_code = [task_struct."exit_code"];
    task_loginuid = [task_struct."loginuid"] else "the login user (CONFIG_AUDIT is off)";
    task_sessionid = [task_struct."sessionid"] else "the audit session (CONFIG_AUDIT is off)";
    signal_live = [signal_struct."live"];
    signal_flags = [signal_struct."flags"];
    signal_group_exit_code = [signal_struct."group_exit_code"];
    task_ptraced = [task_struct."ptraced"] else "the process that ptrace(2) attached to";
    task_ptrace_entry = [task_struct."ptrace_entry"] else "the process that ptrace(2) attached to";
    cred_uid = [cred."uid"];
    cred_gid = [cred."gid"];
    cred_euid = [cred."euid"];
    cred_egid = [cred."egid"];
    cred_capabilities = [cred."cap_effective"] else "capabilities of processes, and changes of them";
    cred_user_ns = [cred."user_ns"];
    user_ns_inum = [user_namespace."ns.inum"];
    nsproxy_mnt_ns = [nsproxy."mnt_ns"];
    mnt_ns_inum = [mnt_namespace."ns.inum"];
    nsproxy_net_ns = [nsproxy."net_ns"];
    net_inum = [net."ns.inum"];
    nsproxy_uts_ns = [nsproxy."uts_ns"];
    uts_ns_inum = [uts_namespace."ns.inum"];
    nsproxy_ipc_ns = [nsproxy."ipc_ns"];
    ipc_ns_inum = [ipc_namespace."ns.inum"];
    nsproxy_cgroup_ns = [nsproxy."cgroup_ns"];
    cgroup_ns_inum = [cgroup_namespace."ns.inum"];
    pid_level = [pid."level"];
    pid_numbers = [pid."numbers"];
    upid_size = [sizeof upid];
    upid_nr = [upid."nr"];
    upid_ns = [upid."ns"];
    pid_ns_inum = [pid_namespace."ns.inum"];
    mm_arg_start = [mm_struct."arg_start"];
    mm_arg_end = [mm_struct."arg_end"];
    bprm_file = [linux_binprm."file"];
    bprm_filename = [linux_binprm."filename"] else "scripts behind interpreters";
    bprm_interp = [linux_binprm."interp"] else "scripts behind interpreters";
    fs_pwd = [fs_struct."pwd"];
    fs_root = [fs_struct."root"];
    file_path = [file."f_path"];
    file_inode = [file."f_inode"];
    file_private_data = [file."private_data"];
    file_flags = [file."f_flags"];
    file_mode = [file."f_mode"];
    inode_mode = [inode."i_mode"];
    inode_links = [inode."i_nlink"] else "programs without a name";
    inode_device = [inode."i_rdev"] else "terminals told apart from other character devices";
    inode_superblock = [inode."i_sb"] else "upper layers of overlays";
    inode_private = [inode."i_private"]
        else "which namespace setns(2) entered, where the caller did not say";
    // An overlay's inode goes on behind the one that all file systems share, with the dentry in the upper layer
    // (struct ovl_inode in fs/overlayfs/ovl_entry.h, the same from 4.x to 7.x).
    inode_size = [sizeof inode];
    superblock_magic = [super_block."s_magic"] else "upper layers of overlays";
    superblock_type = [super_block."s_type"] else "types of file systems mounted by the new calls";
    filesystem_name = [file_system_type."name"] else "types of file systems mounted by the new calls";
    ns_common_ops = [ns_common."ops"] else "which namespace setns(2) entered, where the caller did not say";
    ns_operations_type = [proc_ns_operations."type"]
        else "nothing; newer kernels keep it in the namespace itself";
    ns_common_type = [ns_common."ns_type"]
        else "nothing; older kernels keep it with the namespace's operations";
    path_mnt = [path."mnt"];
    path_dentry = [path."dentry"];
    dentry_parent = [dentry."d_parent"];
    dentry_name = [dentry."d_name.name"];
    dentry_length = [dentry."d_name.len"];
    vfsmount_root = [vfsmount."mnt_root"];
    vfsmount_superblock = [vfsmount."mnt_sb"];
    vfsmount_flags = [vfsmount."mnt_flags"] else "flags of mounts by the new calls";
    mount_device = [mount."mnt_devname"] else "devices mounted by the new calls";
    mount_vfsmount = [mount."mnt"];
    mount_parent = [mount."mnt_parent"];
    mount_mountpoint = [mount."mnt_mountpoint"];
    files_fdt = [files_struct."fdt"];
    fdt_max_fds = [fdtable."max_fds"];
    fdt_fd = [fdtable."fd"];
    css_set_dfl_cgrp = [css_set."dfl_cgrp"];
    css_set_subsys = [css_set."subsys"];
    css_cgroup = [cgroup_subsys_state."cgroup"];
    cgroup_kn = [cgroup."kn"];
    kernfs_name = [kernfs_node."name"];
    // Renamed in 6.15 (commit 741c10b096bc) when it became RCU-protected.
    kernfs_parent = [kernfs_node."__parent"|"parent"];
    kernfs_id = [kernfs_node."id"];
    memory_cgroup = [enum cgroup_subsys_id::memory_cgrp_id]
        else "containers under cgroup v1 where only the memory controller knows them";
    pids_cgroup = [enum cgroup_subsys_id::pids_cgrp_id]
        else "containers under cgroup v1 where only the pids controller knows them";
    socket_sk = [socket."sk"];
    sock_type = [sock."sk_type"];
    unix_peer = [unix_sock."peer"] else "connections to unix sockets (CONFIG_UNIX is a module)";
    unix_address = [unix_sock."addr"] else "names of unix sockets (CONFIG_UNIX is a module)";
    unix_path = [unix_sock."path"] else "connections to unix sockets (CONFIG_UNIX is a module)";
    unix_address_name = [unix_address."name"] else "names of unix sockets (CONFIG_UNIX is a module)";
    sock_family = [sock."__sk_common.skc_family"];
    sock_daddr = [sock."__sk_common.skc_daddr"];
    sock_rcv_saddr = [sock."__sk_common.skc_rcv_saddr"];
    sock_dport = [sock."__sk_common.skc_dport"];
    sock_num = [sock."__sk_common.skc_num"];
    sock_v6_daddr = [sock."__sk_common.skc_v6_daddr"] else "IPv6 connections (CONFIG_IPV6 is off)";
    sock_v6_rcv_saddr = [sock."__sk_common.skc_v6_rcv_saddr"] else "IPv6 connections (CONFIG_IPV6 is off)";
    sock_protocol = [sock."sk_protocol"];
    sock_err = [sock."sk_err"];
    request_opcode = [io_kiocb."opcode"] else "submissions to io_uring (before Linux 6.0)";
    request_command = [io_kiocb."cmd"] else "submissions to io_uring (before Linux 6.0)";
    filename_name = [filename."name"] else "file operations by io_uring";
    uring_open_directory = [io_open."dfd"] else "files opened by io_uring";
    uring_open_name = [io_open."filename"] else "files opened by io_uring";
    uring_open_flags = [io_open."how.flags"] else "files opened by io_uring";
    uring_open_mode = [io_open."how.mode"] else "files opened by io_uring";
    uring_rename_old_directory = [io_rename."old_dfd"] else "files renamed by io_uring";
    uring_rename_new_directory = [io_rename."new_dfd"] else "files renamed by io_uring";
    uring_rename_old_name = [io_rename."oldpath"] else "files renamed by io_uring";
    uring_rename_new_name = [io_rename."newpath"] else "files renamed by io_uring";
    uring_unlink_directory = [io_unlink."dfd"] else "files unlinked by io_uring";
    uring_unlink_flags = [io_unlink."flags"] else "files unlinked by io_uring";
    uring_unlink_name = [io_unlink."filename"] else "files unlinked by io_uring";
    uring_link_old_directory = [io_link."old_dfd"] else "links made by io_uring";
    uring_link_new_directory = [io_link."new_dfd"] else "links made by io_uring";
    uring_link_old_name = [io_link."oldpath"] else "links made by io_uring";
    uring_link_new_name = [io_link."newpath"] else "links made by io_uring";
}
