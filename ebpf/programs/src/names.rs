//! Paths as the kernel has them: names from the leaf to the root, each ending in NUL. The daemon turns them
//! round; here that would cost a copy.

use aya_ebpf::helpers::generated::{bpf_probe_read_kernel_str, bpf_probe_read_user_str};
use rampart_abi::{NAME_MAX, NAMES_MASK, PATH_MAX};

use crate::kernel::{Object, Pointer, offset};

/// Most components of one path. A deeper one is cut at the root's side, and flagged.
const DEPTH: u32 = 48;

/// Room for names: any place below the mask has room for one more name, or for one more path of the caller's.
pub(crate) const NAMES_ROOM: usize = NAMES_MASK as usize + 1 + PATH_MAX as usize;

/// How far the names have come.
///
/// It lives in a map, not in registers: what the verifier loads from memory is just some number to it, so all the
/// ways through one turn of a walk look the same and are checked once. With a growing register every way
/// is a state of its own, and the walks exceed its million instructions. Its bounds are made by masks: verifiers up
/// to Linux 6.12 lose those of a sum.
#[repr(C)]
pub(crate) struct Progress {
    length: u32,
    truncated: u32,
}

/// Names of one or more paths, one behind the other.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    room: *mut u8,
    progress: *mut Progress,
}

impl Names {
    /// Writes to `room`.
    ///
    /// # Safety
    /// `room` has [`NAMES_ROOM`] writable bytes that the verifier knows of, and `progress` lies in a map.
    #[inline(always)]
    pub(crate) unsafe fn new(room: *mut u8, progress: *mut Progress) -> Self {
        // SAFETY: by the caller's promise.
        unsafe { progress.write_volatile(Progress { length: 0, truncated: 0 }) };
        Self { room, progress }
    }

    /// Goes on writing behind what is there.
    ///
    /// # Safety
    /// As for [`new`](Self::new), which has begun it.
    #[inline(always)]
    pub(crate) const unsafe fn resume(room: *mut u8, progress: *mut Progress) -> Self {
        Self { room, progress }
    }

    /// Bytes written.
    #[inline(always)]
    pub(crate) fn length(self) -> u32 {
        // SAFETY: by the promise to `new`.
        unsafe { (&raw const (*self.progress).length).read_volatile() & NAMES_MASK }
    }

    /// Whether a path was cut.
    #[inline(always)]
    pub(crate) fn truncated(self) -> bool {
        // SAFETY: by the promise to `new`.
        unsafe { (&raw const (*self.progress).truncated).read_volatile() != 0 }
    }

    #[inline(always)]
    fn truncate(self) {
        // SAFETY: by the promise to `new`.
        unsafe { (&raw mut (*self.progress).truncated).write_volatile(1) };
    }

    /// Adds the path of a struct path, up to `root`, the struct path of the task's root directory.
    #[inline(always)]
    pub(crate) fn add_path(self, path: Pointer, root: Pointer) {
        self.add_path_at(path.follow(offset!(path_mnt)), path.follow(offset!(path_dentry)), root);
    }

    /// Adds the path of a dentry in a mount, up to `root`.
    #[inline(always)]
    pub(crate) fn add_path_at(self, mut mount: Pointer, mut dentry: Pointer, root: Pointer) {
        let root_dentry = root.follow(offset!(path_dentry));
        let root_mount = root.follow(offset!(path_mnt));
        for _ in 0..DEPTH {
            if dentry == root_dentry && mount == root_mount {
                return;
            }
            let parent = dentry.follow(offset!(dentry_parent));
            if dentry == parent || dentry == mount.follow(offset!(vfsmount_root)) {
                // The root of a mount: go on where it is mounted.
                let whole = mount.before(offset!(mount_vfsmount));
                let above = whole.follow(offset!(mount_parent));
                if above == whole || above.is_null() {
                    // Not below the task's root. A name here belongs to a file that no path leads to (memfd).
                    if dentry == parent {
                        self.add_name(dentry.follow(offset!(dentry_name)));
                    }
                    return;
                }
                dentry = whole.follow(offset!(mount_mountpoint));
                mount = above.at(offset!(mount_vfsmount));
            } else {
                self.add_name(dentry.follow(offset!(dentry_name)));
                dentry = parent;
            }
        }
        self.truncate();
    }

    /// Adds the path of a dentry inside its file system; nothing for its root.
    #[inline(always)]
    pub(crate) fn add_inside(self, mut dentry: Pointer) {
        for _ in 0..DEPTH {
            let parent = dentry.follow(offset!(dentry_parent));
            if parent == dentry || parent.is_null() {
                return;
            }
            self.add_name(dentry.follow(offset!(dentry_name)));
            dentry = parent;
        }
        self.truncate();
    }

    /// Adds the path of a cgroup in its hierarchy.
    #[inline(always)]
    pub(crate) fn add_cgroup(self, cgroup: Object) {
        let mut node = cgroup.follow(offset!(cgroup_kn)).pointer();
        for _ in 0..DEPTH {
            let parent = node.follow(offset!(kernfs_parent));
            if parent.is_null() {
                return;
            }
            self.add_name(node.follow(offset!(kernfs_name)));
            node = parent;
        }
        self.truncate();
    }

    /// Adds a string of the caller's memory, at most [`PATH_MAX`] bytes of it with its NUL; nothing when there is
    /// none.
    #[inline(always)]
    pub(crate) fn add_string(self, address: u64) {
        let Some(place) = self.place(PATH_MAX) else { return };
        // SAFETY: below the mask there is room for one more path.
        let read = unsafe {
            bpf_probe_read_user_str(self.room.add(place as usize).cast(), PATH_MAX, address as *const _)
        };
        self.advance(place, read);
    }

    /// Adds a string of the kernel's, at most [`NAME_MAX`] bytes of it with its NUL.
    #[inline(always)]
    pub(crate) fn add_name(self, name: Pointer) {
        let Some(place) = self.place(NAME_MAX) else { return };
        // SAFETY: below the mask there is room for one more name.
        let read = unsafe {
            bpf_probe_read_kernel_str(
                self.room.add(place as usize).cast(),
                NAME_MAX,
                name.address() as *const _,
            )
        };
        self.advance(place, read);
    }

    /// Adds a path that the kernel has copied from its caller.
    #[inline(always)]
    pub(crate) fn add_kernel_string(self, text: Pointer) {
        let Some(place) = self.place(PATH_MAX) else { return };
        // SAFETY: below the mask there is room for one more path.
        let read = unsafe {
            bpf_probe_read_kernel_str(
                self.room.add(place as usize).cast(),
                PATH_MAX,
                text.address() as *const _,
            )
        };
        self.advance(place, read);
    }

    /// The first byte behind a place, to tell an absolute path from others.
    #[inline(always)]
    pub(crate) fn byte_at(self, place: u32) -> u8 {
        // SAFETY: the mask is below the room's size.
        unsafe { self.room.add((place & NAMES_MASK) as usize).read_volatile() }
    }

    /// Where something of that many bytes can go.
    #[inline(always)]
    fn place(self, longest: u32) -> Option<u32> {
        let place = self.length();
        if place > NAMES_MASK - longest {
            self.truncate();
            return None;
        }
        Some(place)
    }

    /// Takes in what a helper has read: its bytes, or nothing when it failed.
    #[inline(always)]
    fn advance(self, place: u32, read: i64) {
        if read > 0 {
            // SAFETY: by the promise to `new`.
            unsafe { (&raw mut (*self.progress).length).write_volatile(place.wrapping_add(read as u32)) };
        }
    }
}
