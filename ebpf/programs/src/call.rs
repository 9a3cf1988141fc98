//! Records of system calls: who, what, how it went, numbers and text.

use rampart_abi::{CALL_PIECES, CALL_VALUES, Call, FLAG_PATH_TRUNCATED, Kind, NAMES_MASK, Operation};

use crate::{
    emit,
    kernel::{Pointer, offset},
    maps::CALL_ROOM,
    names::{NAMES_ROOM, Names, Progress},
    socket,
    syscall::Return,
    task,
};

/// The caller's working directory, in place of a descriptor (include/uapi/linux/fcntl.h).
pub(crate) const AT_FDCWD: i32 = -100;

/// A call record with room for the longest variable part.
#[repr(C)]
pub(crate) struct Record {
    progress: Progress,
    pub(crate) call: Call,
    names: [u8; NAMES_ROOM],
}

/// Most bytes of a record that is sent.
const LONGEST: u64 = size_of::<Call>() as u64 + NAMES_MASK as u64;

/// Which of a CPU's rooms: programs of different types may interrupt each other.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    /// Tracepoints of system calls: never more than one on a CPU.
    Syscall = 0,
    /// The BTF tracepoint of submissions to io_uring.
    IoUring = 1,
    /// Security hooks and ends of functions.
    Security = 2,
}

impl Room {
    pub(crate) const COUNT: u32 = 3;
}

/// A path as a call was given it.
#[derive(Clone, Copy)]
pub(crate) struct Given {
    directory: i32,
    text: u64,
}

impl Given {
    /// Relative to the working directory.
    #[inline(always)]
    pub(crate) fn here(text: u64) -> Self {
        Self { directory: AT_FDCWD, text }
    }

    /// Relative to a descriptor.
    #[inline(always)]
    pub(crate) fn at(directory: u64, text: u64) -> Self {
        Self { directory: directory as i32, text }
    }
}

/// A record under way, in a map.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    record: *mut Record,
    names: Names,
}

impl Draft {
    #[inline(always)]
    pub(crate) fn begin(room: Room) -> Option<Self> {
        let record = CALL_ROOM.get_ptr_mut(room as u32)?;
        // SAFETY: this CPU's own entry, in which only one program writes at a time.
        Some(unsafe { Self::within(record) })
    }

    /// # Safety
    /// Nobody else writes to the record meanwhile, and it lies in a map.
    #[inline(always)]
    pub(crate) unsafe fn within(record: *mut Record) -> Self {
        // SAFETY: `names` has NAMES_ROOM bytes; the rest by the caller's promise.
        unsafe {
            (*record).call.lengths = [0; CALL_PIECES];
            let names = Names::new((&raw mut (*record).names).cast(), &raw mut (*record).progress);
            Self { record, names }
        }
    }

    /// Goes on with a record that [`within`](Self::within) began.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    pub(crate) unsafe fn resume(record: *mut Record) -> Self {
        // SAFETY: `names` has NAMES_ROOM bytes; the rest by the caller's promise.
        unsafe {
            let names = Names::resume((&raw mut (*record).names).cast(), &raw mut (*record).progress);
            Self { record, names }
        }
    }

    /// Writes a piece of text. Pieces are written in their order.
    #[inline(always)]
    pub(crate) fn piece(self, index: usize, add: impl FnOnce(Names)) -> Self {
        let before = self.names.length();
        add(self.names);
        let length = self.names.length().wrapping_sub(before);
        // SAFETY: `index` is a constant below CALL_PIECES.
        unsafe { (&raw mut (*self.record).call.lengths).cast::<u16>().add(index).write(length as u16) };
        self
    }

    /// Writes a path as the caller gave it, in two pieces.
    #[inline(always)]
    pub(crate) fn given(self, index: usize, given: Given) -> Self {
        let place = self.names.length();
        self.piece(index, |names| names.add_string(given.text)).base(index, place, given.directory)
    }

    /// Writes a path as the kernel has copied it, in two pieces.
    #[inline(always)]
    pub(crate) fn given_in_kernel(self, index: usize, directory: i32, text: Pointer) -> Self {
        let place = self.names.length();
        self.piece(index, |names| names.add_kernel_string(text)).base(index, place, directory)
    }

    /// What the text at `place` is relative to, if it is.
    #[inline(always)]
    fn base(self, index: usize, place: u32, directory: i32) -> Self {
        if self.names.byte_at(place) == b'/' {
            return self;
        }
        let task = task::current();
        let root = task.follow(offset!(task_fs)).at(offset!(fs_root)).pointer();
        // One walk for both: each is followed by the verifier to its end.
        let folder = if directory == AT_FDCWD {
            task.follow(offset!(task_fs)).at(offset!(fs_pwd)).pointer()
        } else {
            socket::file_of(task.follow(offset!(task_files)), directory as u32).at(offset!(file_path))
        };
        self.piece(index + 1, |names| names.add_path(folder, root))
    }

    /// Writes a path that the kernel has, in two pieces, of which the first is empty.
    #[inline(always)]
    pub(crate) fn resolved(self, index: usize, path: Pointer) -> Self {
        let root = task::current().follow(offset!(task_fs)).at(offset!(fs_root)).pointer();
        self.piece(index + 1, |names| names.add_path(path, root))
    }

    /// Sends it.
    #[inline(always)]
    pub(crate) fn send(self, operation: Operation, origin: u16, errno: u32, values: [u64; CALL_VALUES]) {
        self.send_as(operation.kind(), operation, origin, errno, values);
    }

    /// Sends it as one of several operations of a kind, which is only known when it happens.
    #[inline(always)]
    pub(crate) fn send_as(
        self,
        kind: Kind,
        operation: Operation,
        origin: u16,
        errno: u32,
        values: [u64; CALL_VALUES],
    ) {
        let end = self.names.length();
        // SAFETY: plain writes into the room; `emit` fills in the header.
        unsafe {
            let call = &raw mut (*self.record).call;
            fill(call, operation, origin, errno, values);
            let flags = if self.names.truncated() { FLAG_PATH_TRUNCATED } else { 0 };
            let length = size_of::<Call>() as u64 + u64::from(end & NAMES_MASK);
            emit::variable(call.cast(), kind, length, LONGEST, flags);
        }
    }
}

/// Everything but header and lengths.
#[inline(always)]
unsafe fn fill(call: *mut Call, operation: Operation, origin: u16, errno: u32, values: [u64; CALL_VALUES]) {
    // SAFETY: by the caller's promise.
    unsafe {
        (*call).task = task::of_current();
        (*call).operation = operation as u16;
        (*call).origin = origin;
        (*call).errno = errno;
        (*call).values = values;
        (*call).padding = 0;
    }
}

/// Sends a record without text.
#[inline(always)]
pub(crate) fn send(operation: Operation, errno: u32, values: [u64; CALL_VALUES]) {
    emit::fixed(operation.kind(), |call: *mut Call| {
        // SAFETY: the ring buffer's reservation.
        unsafe {
            fill(call, operation, 0, errno, values);
            (*call).lengths = [0; CALL_PIECES];
        }
    });
}

/// Sends a record of a call of one path.
#[inline(always)]
pub(crate) fn one_path(call: Return, operation: Operation, given: Given, values: [u64; CALL_VALUES]) {
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(operation.kind()) };
    draft.given(0, given).send(operation, 0, call.errno(), values);
}

/// Sends a record of a call of two paths.
#[inline(always)]
pub(crate) fn two_paths(
    call: Return,
    operation: Operation,
    first: Given,
    second: Given,
    values: [u64; CALL_VALUES],
) {
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(operation.kind()) };
    draft.given(0, first).given(2, second).send(operation, 0, call.errno(), values);
}

/// Numbers of a record, the rest being 0.
#[inline(always)]
pub(crate) const fn values(first: u64, second: u64, third: u64) -> [u64; CALL_VALUES] {
    [first, second, third, 0, 0, 0]
}
