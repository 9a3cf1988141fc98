//! Which files anybody wants to hear of.
//!
//! Wanted paths are a tree of names in a hash map, looked up from the root: most paths miss at their first or second
//! name. Beside it there are names that are wanted wherever they are, as "any folder". What is let through may be
//! more than was asked for, never less: the daemon sorts out the rest.

use aya_ebpf::helpers::generated::{bpf_map_lookup_elem, bpf_probe_read_kernel, bpf_probe_read_kernel_str};
use rampart_abi::{
    WATCH_BELOW_SHIFT, WATCH_CREATE, WATCH_EVERYTHING_SHIFT, WATCH_FILTER_NAMED, WATCH_FILTER_ROOT,
    WATCH_MODIFY, WATCH_NAME_MAX, WATCH_NAMED_SHIFT, WATCH_READ, WATCH_SET_UID, WatchFilter, WatchKey,
    WatchNode,
};

use crate::{
    kernel::{Pointer, offset},
    maps::{WATCH, WATCH_FILTERS, WATCH_MODES, WATCH_ROOM},
    task,
};

/// Most names of a path that are looked at, from the leaf up. A deeper path is let through.
const DEPTH: u32 = 32;

/// Folder number of names that are wanted anywhere.
const ANYWHERE: u32 = u32::MAX;

// include/uapi/asm-generic/fcntl.h
const O_ACCMODE: u32 = 3;
const O_CREAT: u32 = 0o100;
const O_TRUNC: u32 = 0o1000;

// FMODE_CREATED (include/linux/fs.h, 4.19): the file was made by this very call.
const FMODE_CREATED: u32 = 0x10_0000;

// include/uapi/linux/stat.h
const S_ISUID: u32 = 0o4000;
const S_ISGID: u32 = 0o2000;

/// What making a file or a name is: a change that is wanted where changes are, or where only this one is.
pub(crate) const MAKING: u32 = WATCH_MODIFY | WATCH_CREATE;

const KEY_WORDS: usize = size_of::<WatchKey>() / size_of::<u64>();

/// Room to look up one path in.
#[repr(C)]
pub(crate) struct Walk {
    /// Addresses of names from the leaf up.
    names: [u64; DEPTH as usize],
    count: u32,
    folder: u32,
    wanted: u32,
    /// Length of the name in the root, and where it is.
    top_length: u32,
    top: u64,
    // A WatchKey, aligned so that it can be cleared by words.
    key: [u64; KEY_WORDS],
}

/// How a file was opened.
#[derive(Clone, Copy)]
pub(crate) struct Opening {
    /// By being made.
    pub(crate) created: bool,
    /// `WATCH_*`, any of which makes it wanted.
    pub(crate) kind: u32,
}

impl Opening {
    /// Of an open file, by the flags that were asked for.
    #[inline(always)]
    pub(crate) fn of(file: Pointer, flags: u32) -> Self {
        let created = flags & O_CREAT != 0 && file.at(offset!(file_mode)).read::<u32>() & FMODE_CREATED != 0;
        let kind = match (created, flags & (O_ACCMODE | O_TRUNC)) {
            (true, _) => MAKING,
            (_, 0) => WATCH_READ,
            _ => WATCH_MODIFY,
        };
        Self { created, kind }
    }
}

/// Whether a file's new mode is wanted whatever its path.
#[inline(always)]
pub(crate) fn is_mode_wanted(mode: u32) -> bool {
    mode & (S_ISUID | S_ISGID) != 0 && WATCH_MODES.get(0).copied().unwrap_or(0) & WATCH_SET_UID != 0
}

/// Whether any of `kind`, which is `WATCH_*`, is wanted of the file of a struct path.
#[inline(always)]
pub(crate) fn is_wanted(path: Pointer, kind: u32) -> bool {
    let modes = modes(kind);
    if modes == 0 {
        return false;
    }
    // struct path begins with the mount and ends with the dentry (include/linux/path.h).
    let ends: [u64; 2] = path.read();
    is_found(modes, Pointer::from_address(ends[0]), Pointer::from_address(ends[1]), kind)
}

/// The same for a dentry in a mount.
#[inline(always)]
pub(crate) fn is_wanted_at(mount: Pointer, dentry: Pointer, kind: u32) -> bool {
    let modes = modes(kind);
    modes != 0 && is_found(modes, mount, dentry, kind)
}

/// The ways in which something of a kind is looked for.
#[inline(always)]
fn modes(kind: u32) -> u32 {
    let ways = kind << WATCH_EVERYTHING_SHIFT | kind << WATCH_NAMED_SHIFT | kind << WATCH_BELOW_SHIFT;
    WATCH_MODES.get(0).copied().unwrap_or(0) & ways
}

#[inline(always)]
fn is_found(modes: u32, mount: Pointer, dentry: Pointer, kind: u32) -> bool {
    if modes & kind << WATCH_EVERYTHING_SHIFT != 0 {
        return true;
    }
    let Some(walk) = WATCH_ROOM.get_ptr_mut(0) else { return true };
    let leaf = Entry::of(dentry);
    // SAFETY: this CPU's own entry, in which only one program writes at a time.
    unsafe {
        (modes & kind << WATCH_NAMED_SHIFT != 0 && is_name_wanted(walk, leaf, kind))
            || (modes & kind << WATCH_BELOW_SHIFT != 0 && is_path_wanted(walk, mount, dentry, leaf, kind))
    }
}

#[inline(always)]
unsafe fn is_name_wanted(walk: *mut Walk, leaf: Entry, kind: u32) -> bool {
    // SAFETY: by the caller's promise; an entry of the map.
    unsafe {
        may_be_listed(WATCH_FILTER_NAMED, leaf.name, leaf.length)
            && node_of(walk, ANYWHERE, leaf.name).is_some_and(|node| (*node).wanted & kind != 0)
    }
}

#[inline(always)]
unsafe fn is_path_wanted(walk: *mut Walk, mount: Pointer, dentry: Pointer, leaf: Entry, kind: u32) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        if !climb(walk, mount, dentry, leaf) {
            return true;
        }
        let top = (&raw const (*walk).top).read_volatile();
        let length = (&raw const (*walk).top_length).read_volatile();
        if !may_be_listed(WATCH_FILTER_ROOT, top, length) {
            return false;
        }
        (&raw mut (*walk).folder).write_volatile(0);
        (&raw mut (*walk).wanted).write_volatile(0);
        descend(walk);
        (&raw const (*walk).wanted).read_volatile() & kind != 0
    }
}

/// Whether a name begins like one that is listed.
#[inline(always)]
fn may_be_listed(filter: u32, name: u64, length: u32) -> bool {
    let Some(filter) = WATCH_FILTERS.get_ptr(filter) else { return true };
    let head: u64 = Pointer::from_address(name).read();
    // What stands behind a shorter name is not part of it.
    let head = if length < 8 { head & !(u64::MAX << (length * 8)) } else { head };
    let (word, bit) = WatchFilter::place(head);
    // SAFETY: an entry of the map, and a place below 64.
    unsafe { (&raw const (*filter).words).cast::<u64>().add(word).read() & bit != 0 }
}

/// What a dentry tells of itself.
#[derive(Clone, Copy)]
struct Entry {
    parent: Pointer,
    name: u64,
    length: u32,
}

impl Entry {
    /// The three stand close together (struct dentry): d_parent, then d_name with hash, length and name.
    #[inline(always)]
    fn of(dentry: Pointer) -> Self {
        let (parent, name) = (offset!(dentry_parent), offset!(dentry_name));
        if name.wrapping_sub(parent) != 16 {
            return Self {
                parent: dentry.follow(parent),
                name: dentry.at(name).read(),
                length: dentry.at(offset!(dentry_length)).read(),
            };
        }
        let mut words = [0_u64; 3];
        // SAFETY: the helper writes the array's size, zeroes when it cannot read.
        unsafe {
            bpf_probe_read_kernel(
                words.as_mut_ptr().cast(),
                size_of_val(&words) as u32,
                dentry.at(parent).address() as *const _,
            )
        };
        Self { parent: Pointer::from_address(words[0]), name: words[2], length: (words[1] >> 32) as u32 }
    }
}

/// Notes the names of a path from the leaf to the root of the running task; says whether it came to an end.
#[inline(always)]
unsafe fn climb(walk: *mut Walk, mut mount: Pointer, mut dentry: Pointer, leaf: Entry) -> bool {
    let root = task::current().follow(offset!(task_fs)).at(offset!(fs_root));
    let root_dentry: u64 = root.at(offset!(path_dentry)).read();
    let mut mount_root = mount.follow(offset!(vfsmount_root));
    if dentry != mount_root && dentry.address() != root_dentry {
        // SAFETY: by the caller's promise.
        unsafe {
            note(walk, 0, leaf);
            (&raw mut (*walk).count).write_volatile(1);
        }
        dentry = leaf.parent;
    } else {
        // SAFETY: as above.
        unsafe { (&raw mut (*walk).count).write_volatile(0) };
    }
    // SAFETY: by the caller's promise; the mask keeps the place inside the array.
    unsafe {
        for _ in 0..DEPTH {
            if dentry.address() == root_dentry {
                return true;
            }
            if dentry == mount_root {
                let whole = mount.before(offset!(mount_vfsmount));
                let above = whole.follow(offset!(mount_parent));
                if above == whole || above.is_null() {
                    return true;
                }
                dentry = whole.follow(offset!(mount_mountpoint));
                mount = above.at(offset!(mount_vfsmount));
                mount_root = mount.follow(offset!(vfsmount_root));
            } else {
                let entry = Entry::of(dentry);
                let count = (&raw const (*walk).count).read_volatile() & (DEPTH - 1);
                note(walk, count, entry);
                (&raw mut (*walk).count).write_volatile(count + 1);
                dentry = entry.parent;
            }
        }
    }
    false
}

/// Notes one name; the last one that is noted is the one in the root.
#[inline(always)]
unsafe fn note(walk: *mut Walk, place: u32, entry: Entry) {
    // SAFETY: by the caller's promise; the place is below DEPTH.
    unsafe {
        (&raw mut (*walk).names).cast::<u64>().add(place as usize).write_volatile(entry.name);
        (&raw mut (*walk).top).write_volatile(entry.name);
        (&raw mut (*walk).top_length).write_volatile(entry.length);
    }
}

/// Looks the noted names up, from the root down, until one is not listed.
#[inline(always)]
unsafe fn descend(walk: *mut Walk) {
    for _ in 0..DEPTH {
        // SAFETY: by the caller's promise; the mask keeps the place inside the array.
        unsafe {
            let count = (&raw const (*walk).count).read_volatile();
            if count == 0 {
                return;
            }
            let place = (count - 1) & (DEPTH - 1);
            (&raw mut (*walk).count).write_volatile(place);
            let name = (&raw const (*walk).names).cast::<u64>().add(place as usize).read_volatile();
            let folder = (&raw const (*walk).folder).read_volatile();
            let Some(node) = node_of(walk, folder, name) else { return };
            let wanted = (&raw const (*walk).wanted).read_volatile() | (*node).wanted;
            (&raw mut (*walk).wanted).write_volatile(wanted);
            let below = (*node).folder;
            if below == 0 {
                return;
            }
            (&raw mut (*walk).folder).write_volatile(below);
        }
    }
}

/// The entry of a name in a folder.
#[inline(always)]
unsafe fn node_of(walk: *mut Walk, folder: u32, name: u64) -> Option<*const WatchNode> {
    // SAFETY: by the caller's promise; the helpers write and read no more than the key, which lies in a map: a copy of it
    // on the stack would cost more than the look-up.
    unsafe {
        let words = (&raw mut (*walk).key).cast::<u64>();
        for place in 0..KEY_WORDS {
            words.add(place).write(0);
        }
        words.cast::<u32>().write(folder);
        let room = words.cast::<u8>().add(size_of::<u32>()).cast();
        bpf_probe_read_kernel_str(room, WATCH_NAME_MAX as u32, name as *const _);
        let map = (&raw const WATCH).cast_mut().cast();
        let node = bpf_map_lookup_elem(map, words.cast()).cast::<WatchNode>();
        if node.is_null() { None } else { Some(node.cast_const()) }
    }
}
