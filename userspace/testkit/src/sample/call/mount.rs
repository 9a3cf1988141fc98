use rampart_model::{Mount, MountOperation, Operation};

const MS_BIND: u64 = 4096;
const MNT_DETACH: u64 = 2;
/// The kernel's own, of a mount: MNT_NOSUID and MNT_RELATIME.
const NOSUID_RELATIME: u64 = 1 | 32;
const MOUNT_ATTR_RDONLY: u64 = 1;
const MOUNT_ATTR_NOSUID: u64 = 2;
const OPEN_TREE_CLONE: u64 = 1;

pub(super) fn mounts() -> Vec<Operation> {
    [
        (MountOperation::Mount(MS_BIND), "/run/docker.sock", "/mnt/docker.sock", ""),
        (MountOperation::Mount(0), "proc", "/mnt/proc", "proc"),
        (MountOperation::Unmount(MNT_DETACH), "", "/mnt/proc", ""),
        (MountOperation::Attach { flags: NOSUID_RELATIME, bind: false }, "/dev/sda1", "/mnt", "ext4"),
        (MountOperation::Attach { flags: 0, bind: true }, "/etc", "/mnt/etc", "ext4"),
        (MountOperation::Move, "/mnt/a", "/mnt/b", ""),
        (MountOperation::FsMount(MOUNT_ATTR_RDONLY), "/dev/sda1", "", "ext4"),
        (MountOperation::FsOpen, "", "", "overlay"),
        (MountOperation::OpenTree(OPEN_TREE_CLONE), "", "/etc", ""),
        (
            MountOperation::SetAttributes {
                set: MOUNT_ATTR_NOSUID,
                cleared: MOUNT_ATTR_RDONLY,
                recursive: true,
            },
            "",
            "/mnt",
            "",
        ),
        (MountOperation::PivotRoot, "/newroot", "/newroot/old", ""),
    ]
    .map(|(operation, source, target, fs_type)| {
        let (source, target, fs_type) = (source.into(), target.into(), fs_type.into());
        Operation::Mount(Mount { operation, source, target, fs_type })
    })
    .into()
}
