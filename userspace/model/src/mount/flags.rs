//! Names of mount flags, as mount(8) has them.

use crate::names::Flags;

/// MS_* of mount(2) (include/uapi/linux/mount.h).
pub(super) const MOUNT: &Flags = &[
    (1, "ro"),
    (2, "nosuid"),
    (4, "nodev"),
    (8, "noexec"),
    (16, "sync"),
    (32, "remount"),
    (64, "mand"),
    (128, "dirsync"),
    (256, "nosymfollow"),
    (1024, "noatime"),
    (2048, "nodiratime"),
    (4096, "bind"),
    (8192, "move"),
    (16384, "rec"),
    (32768, "silent"),
    (1 << 17, "unbindable"),
    (1 << 18, "private"),
    (1 << 19, "slave"),
    (1 << 20, "shared"),
    (1 << 21, "relatime"),
    (1 << 24, "strictatime"),
    (1 << 25, "lazytime"),
];

/// What programs before Linux 2.4 put into the upper half; the kernel takes it away (MS_MGC_VAL).
const MAGIC: u64 = 0xc0ed_0000;
const MAGIC_MASK: u64 = 0xffff_0000;

/// The flags that the kernel goes by.
pub(super) const fn without_magic(bits: u64) -> u64 {
    if bits & MAGIC_MASK == MAGIC { bits & !MAGIC_MASK } else { bits }
}

/// MNT_* of umount2(2) (include/linux/fs.h).
pub(super) const UNMOUNT: &Flags = &[(1, "force"), (2, "detach"), (4, "expire"), (8, "nofollow")];

/// MNT_* that the kernel keeps of a mount (include/linux/mount.h).
pub(super) const ATTACHED: &Flags = &[
    (64, "ro"),
    (1, "nosuid"),
    (2, "nodev"),
    (4, "noexec"),
    (8, "noatime"),
    (16, "nodiratime"),
    (32, "relatime"),
    (128, "nosymfollow"),
];

/// MOUNT_ATTR_* of fsmount(2) and mount_setattr(2) (include/uapi/linux/mount.h).
pub(super) const ATTRIBUTES: &Flags = &[
    (0x1, "ro"),
    (0x2, "nosuid"),
    (0x4, "nodev"),
    (0x8, "noexec"),
    (0x10, "noatime"),
    (0x20, "strictatime"),
    (0x80, "nodiratime"),
    (0x10_0000, "idmap"),
    (0x20_0000, "nosymfollow"),
];

/// The same, where they are cleared.
pub(super) const CLEARED_ATTRIBUTES: &Flags =
    &[(0x1, "rw"), (0x2, "suid"), (0x4, "dev"), (0x8, "exec"), (0x80, "diratime"), (0x20_0000, "symfollow")];

/// OPEN_TREE_* (include/uapi/linux/mount.h) and AT_* (include/uapi/linux/fcntl.h) of open_tree(2).
pub(super) const OPEN_TREE: &Flags = &[(0x1, "clone"), (0x8000, "rec"), (0x100, "nofollow")];

#[cfg(test)]
mod tests {
    use crate::MountOperation;

    #[test]
    fn flags_are_told_as_mount_would() {
        for (operation, names) in [
            (MountOperation::Mount(4096 | 16384), "bind,rec"),
            (MountOperation::Mount(1 << 18 | 16384), "rec,private"),
            // With the magic number the upper half says nothing; without it, it does.
            (MountOperation::Mount(0xc0ed_0000 | 1), "ro"),
            (MountOperation::Mount(1 << 20 | 32), "remount,shared"),
            (MountOperation::Unmount(2 | 8), "detach,nofollow"),
            (MountOperation::Attach { flags: 64 | 4, bind: true }, "ro,noexec,bind"),
            (MountOperation::OpenTree(1 | 0x8000), "clone,rec"),
            (MountOperation::SetAttributes { set: 1, cleared: 8, recursive: false }, "ro,exec"),
            (MountOperation::FsMount(0x8 | 0x20_0000), "noexec,nosymfollow"),
            (MountOperation::PivotRoot, ""),
        ] {
            assert_eq!(operation.flag_names().to_string(), names, "{operation:?}");
        }
    }
}
