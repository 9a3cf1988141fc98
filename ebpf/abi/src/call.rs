use crate::{Header, Kind, Task, wire};

/// Set in [`Call::origin`] when the operation came through io_uring: its outcome is not known.
pub const ORIGIN_IO_URING: u16 = 1;
/// Set in [`Call::origin`] when the paths are from the kernel's own objects, not from the caller's memory.
pub const ORIGIN_RESOLVED: u16 = 2;
/// Set in [`Call::origin`] when the record was made before the operation ended, because no end will be seen.
pub const ORIGIN_UNFINISHED: u16 = 4;

/// Slots of numbers in a [`Call`].
pub const CALL_VALUES: usize = 6;

/// Calls that began on one CPU, that a security hook has seen, and that may be under way at once. When there are more,
/// the oldest is forgotten: it is told by what the caller's memory holds, as where there are no security hooks.
pub const PENDING_PER_CPU: u32 = 16;

/// Pieces of text in a [`Call`].
pub const CALL_PIECES: usize = 6;

wire! {
    /// An operation by a system call, or one like it by io_uring.
    ///
    /// What the numbers and the text mean the [`Operation`] says. The variable part is [`CALL_PIECES`] pieces, one
    /// behind the other. A path takes two of them: first its text as a NUL-terminated string, then what it is
    /// relative to as NUL-terminated names from the leaf to the root. Where the text is empty, the names are the path.
    pub struct Call [160] {
        /// The beginning.
        pub header: Header,
        /// Who did it.
        pub task: Task,
        /// An [`Operation`] number.
        pub operation: u16,
        /// `ORIGIN_*`.
        pub origin: u16,
        /// Errno of a refused operation, 0 for success.
        pub errno: u32,
        /// Numbers.
        pub values: [u64; CALL_VALUES],
        /// Bytes of each piece of text.
        pub lengths: [u16; CALL_PIECES],
        /// Zero.
        pub padding: u32,
    }
}

macro_rules! operations {
    ($($(#[$meta:meta])* $number:literal $operation:ident $name:literal of $kind:ident;)*) => {
        /// What a [`Call`] is. `values[n]` is written `vn`, and the path of pieces n and n + 1 `pn`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Operation { $($(#[$meta])* $operation = $number,)* }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$operation,)*];

            /// The operation of that number.
            #[must_use]
            pub const fn from_wire(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$operation),)* _ => None }
            }

            /// The name that rules use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$operation => $name,)* }
            }

            /// Its bit in a set of operations.
            #[must_use]
            pub const fn bit(self) -> u64 {
                1 << self as u16
            }

            /// The kind of record that it comes in.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$operation => Kind::$kind,)* }
            }
        }
    };
}

// The table of operations: number, name, name in rules, kind of record.
operations! {
    /// mount(2): v0 MS_* flags; p0 source, p2 target (each may be relative), piece 4 type.
    0 Mount "mount" of Mount;
    /// umount2(2): v0 MNT_* flags; p2 target.
    1 Unmount "umount" of Mount;
    /// move_mount(2): v0 MOVE_MOUNT_* flags, v1 MNT_* flags of the mount; piece 0 the device's name, p2 where it is
    /// now, piece 4 type, piece 5 the path inside the file system that is mounted, as names.
    2 MoveMount "move_mount" of Mount;
    /// fsmount(2): v0 flags, v1 MOUNT_ATTR_*; piece 0 the device's name, piece 4 type.
    3 FsMount "fsmount" of Mount;
    /// fsopen(2): piece 4 type.
    4 FsOpen "fsopen" of Mount;
    /// open_tree(2): v0 flags; p2 what was opened.
    5 OpenTree "open_tree" of Mount;
    /// mount_setattr(2): v0 flags, v1 MOUNT_ATTR_* set, v2 those cleared; p2 where.
    6 MountSetattr "mount_setattr" of Mount;
    /// pivot_root(2): p0 the new root, p2 where the old one goes.
    7 PivotRoot "pivot_root" of Mount;
    /// setns(2): v0 CLONE_NEW* asked for (0: whatever the descriptor is), v1 those that changed.
    8 Setns "setns" of Namespace;
    /// unshare(2): v0 CLONE_NEW* asked for.
    9 Unshare "unshare" of Namespace;
    /// chroot(2): p0 the new root.
    10 Chroot "chroot" of Namespace;
    /// A process made in new namespaces: v0 CLONE_NEW* that differ from its parent's. The task is the parent.
    11 Clone "clone" of Namespace;
    /// bind(2): values as in [`crate::SocketValues`]; piece 0 a unix socket's path.
    12 Bind "bind" of Socket;
    /// listen(2): the same.
    13 Listen "listen" of Socket;
    /// accept(2), accept4(2): the same, of the new socket.
    14 Accept "accept" of Socket;
    /// socket(2) for packet and raw sockets: the same.
    15 RawSocket "packet" of Socket;
    /// connect(2) of a unix socket: the same.
    16 UnixConnect "connect" of Socket;
    /// A file was opened: v0 O_* flags, v1 mode; p0 its path.
    17 Open "open" of File;
    /// rename(2): v0 flags; p0 old, p2 new.
    18 Rename "rename" of File;
    /// unlink(2): p0.
    19 Unlink "unlink" of File;
    /// rmdir(2): p0.
    20 Rmdir "rmdir" of File;
    /// link(2): p0 the new name, p2 the file there was.
    21 Link "link" of File;
    /// symlink(2): p0 the new name, piece 2 what it says.
    22 Symlink "symlink" of File;
    /// chmod(2): v1 mode; p0.
    23 Chmod "chmod" of File;
    /// chown(2): v1 uid, v2 gid (`u32::MAX`: as it was); p0.
    24 Chown "chown" of File;
    /// mknod(2): v1 mode, v2 device; p0.
    25 Mknod "mknod" of File;
    /// dup(2) and its like, of a socket onto descriptor 0, 1 or 2: values as in [`crate::SocketValues`].
    26 Dup "dup" of Descriptor;
    /// ptrace(2): v0 request, v1 the other process, v2 when it began.
    27 Ptrace "ptrace" of Access;
    /// process_vm_readv(2): v1, v2 as above; where v2 is 0, v1 is the number that the caller used.
    28 ProcessVmRead "process_vm_readv" of Access;
    /// process_vm_writev(2): the same.
    29 ProcessVmWrite "process_vm_writev" of Access;
    /// memfd_create(2): v0 MFD_* flags; piece 0 name.
    30 MemfdCreate "memfd_create" of Memfd;
    /// init_module(2): v0 bytes of the image.
    31 InitModule "init_module" of Module;
    /// finit_module(2): v0 flags; p0 the file.
    32 FinitModule "finit_module" of Module;
    /// delete_module(2): piece 0 name.
    33 DeleteModule "delete_module" of Module;
    /// bpf(2): v0 command, v1 type of program or map; piece 0 name.
    34 Bpf "bpf" of Bpf;
    /// Identities changed: v0 to v2 before and v3 to v5 after: uid and euid (low and high half), gid and egid,
    /// effective capabilities.
    35 Credentials "credentials" of Credentials;
    /// A signal across containers: v0 number, v1 the other process, v2 when it began.
    36 Signal "signal" of Signal;
    /// io_uring_setup(2): v0 entries.
    37 IoUringSetup "io_uring_setup" of IoUring;
    /// A submission that no other record shows: v0 opcode.
    38 IoUringSubmit "io_uring_submit" of IoUring;
    /// execve(2), execveat(2) that failed: p0 what was to be executed.
    39 ExecFailed "execve" of ExecFailed;
}

/// Numbers of a socket in a [`Call`]: v0 is this, v1 local port (low half) and remote port, v2 and v3 the local
/// address in network order (IPv4 in the first four bytes of v2), v4 and v5 the remote one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketValues {
    /// AF_*.
    pub family: u16,
    /// SOCK_*.
    pub kind: u16,
    /// IPPROTO_*, or of a packet socket the ethertype.
    pub protocol: u16,
    /// The descriptor.
    pub descriptor: u16,
}

#[expect(clippy::cast_possible_truncation, reason = "the numbers are cut out of their places")]
impl SocketValues {
    /// As one number.
    #[must_use]
    pub const fn pack(self) -> u64 {
        self.family as u64
            | (self.kind as u64) << 16
            | (self.protocol as u64) << 32
            | (self.descriptor as u64) << 48
    }

    /// From one number.
    #[must_use]
    pub const fn unpack(packed: u64) -> Self {
        Self {
            family: packed as u16,
            kind: (packed >> 16) as u16,
            protocol: (packed >> 32) as u16,
            descriptor: (packed >> 48) as u16,
        }
    }
}

const _: () = assert!(Operation::ALL.len() <= 64, "a set of operations is one word");
