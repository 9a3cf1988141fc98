//! All deeds, by name. To add one, write its function and one row here.

use std::io::{self, Write as _};

use crate::{
    arguments::{Arguments, Usage},
    deeds::{
        access, backlog, container, credentials, descriptor, execution, file, file_at, kernel, mount,
        namespaces, network, other_way, overlay, process, sandbox, script, storm, terminal, uring,
    },
    report::Report,
};

type Deed = (&'static str, &'static str, fn(Arguments<'_>) -> anyhow::Result<Report>);

/// Name, arguments, function. Arguments in brackets may be left out; of alternatives the first is the default.
const DEEDS: &[Deed] = &[
    ("open-read", "PATH [openat|open|openat2]", file::open_read),
    ("open-write", "PATH [openat|open|openat2]", file::open_write),
    ("open-append", "PATH [openat|open|openat2]", file::open_append),
    ("truncate", "PATH [openat|open|openat2|creat]", file::truncate),
    ("create", "PATH [openat|open|openat2|creat]", file::create),
    ("rename", "OLD NEW", file::rename),
    ("rename-exchange", "FIRST SECOND", file::rename_exchange),
    ("unlink", "PATH", file::unlink),
    ("rmdir", "PATH", file::rmdir),
    ("link", "EXISTING NEW", file::link),
    ("symlink", "TARGET NEW", file::symlink),
    ("chmod", "PATH MODE", file::chmod),
    ("fchmod", "PATH MODE", file::chmod_open_file),
    ("chown", "PATH UID GID", file::chown),
    ("fchown", "PATH UID GID", file::chown_open_file),
    ("mknod", "PATH [fifo|char|file]", file::mknod),
    ("openat", "FOLDER NAME", file_at::open_read),
    ("open-in-current", "FOLDER NAME", file_at::open_in_current),
    ("createat", "FOLDER NAME", file_at::create),
    ("renameat", "FOLDER OLD NEW", file_at::rename),
    ("unlinkat", "FOLDER NAME", file_at::unlink),
    ("rmdirat", "FOLDER NAME", file_at::rmdir),
    ("linkat", "FOLDER EXISTING NEW", file_at::link),
    ("symlinkat", "FOLDER NEW TARGET", file_at::symlink),
    ("fchmodat", "FOLDER NAME MODE", file_at::chmod),
    ("fchmodat2", "FOLDER NAME MODE", file_at::chmod_with_flags),
    ("fchownat", "FOLDER NAME UID GID", file_at::chown),
    ("mknodat", "FOLDER NAME", file_at::mknod),
    ("mount", "SOURCE TARGET TYPE [FLAG,…]", mount::mount),
    ("umount", "TARGET", mount::umount),
    ("mount-new", "TYPE SOURCE TARGET", mount::mount_new),
    ("bind-new", "SOURCE TARGET", mount::bind_new),
    ("mount-setattr", "TARGET", mount::set_attributes),
    ("pivot-root", "FOLDER", mount::pivot),
    ("setns", "[uts|mnt|net|ipc|cgroup|pid]", namespaces::setns),
    ("setns-pidfd", "TYPE,…", namespaces::setns_of_process),
    ("unshare", "TYPE,…", namespaces::leave),
    ("clone-namespaces", "TYPE,… [clone|clone3]", namespaces::clone),
    ("chroot", "FOLDER", namespaces::chroot),
    ("tcp-connect", "ADDRESS:PORT", network::tcp),
    ("tcp-connect-nonblocking", "ADDRESS:PORT", network::tcp_nonblocking),
    ("tcp-connect-slow", "", backlog::slow),
    ("tcp-connect-abandoned", "", backlog::abandoned),
    ("tcp-connect-mapped", "PORT", network::tcp_mapped),
    ("udp-connect", "ADDRESS:PORT", network::udp),
    ("unix-connect", "PATH [stream|dgram|seqpacket]", network::unix),
    ("unix-bind", "PATH", network::unix_bind),
    ("bind", "ADDRESS:PORT [tcp|udp]", network::bind),
    ("listen", "ADDRESS:PORT", network::listen),
    ("accept", "ADDRESS:PORT", network::accept),
    ("raw-socket", "", network::raw),
    ("packet-socket", "", network::packet),
    ("dup-socket-onto-stdio", "ADDRESS:PORT [dup2|dup3|dup|fcntl]", descriptor::dup_socket_onto_stdio),
    ("ptrace-attach", "", access::attach),
    ("ptrace-seize", "", access::seize),
    ("ptrace-poke", "", access::poke),
    ("ptrace-traceme", "", access::traceme),
    ("process-vm-read", "", access::read),
    ("process-vm-write", "", access::write),
    ("memfd", "NAME [cloexec,allow_sealing,hugetlb,noexec_seal,exec]", execution::memfd),
    ("exec-memfd", "NAME [PROGRAM]", execution::from_memfd),
    ("exec-deleted", "PATH", execution::deleted),
    ("exec-script", "PATH", execution::script),
    ("exec-setuid", "PATH", execution::setuid),
    ("exec-args", "BYTES", execution::long_arguments),
    ("exec-fail", "PATH", execution::failing),
    ("exec-fail-fd", "PATH", execution::failing_by_descriptor),
    ("exec-odd-name", "FOLDER DEED…", execution::odd_name),
    ("overlay-exec", "LOWER UPPER WORK MERGED [upper|lower]", overlay::execute),
    ("nothing", "", process::nothing),
    ("sleep", "MILLISECONDS", process::sleep),
    ("burn", "MILLISECONDS", process::burn),
    ("exit", "CODE", process::exit),
    ("die-by-signal", "NUMBER", process::die_by_signal),
    ("kill", "PID NUMBER", process::kill),
    ("kill-own-child", "NUMBER", process::kill_own_child),
    ("finit-module", "PATH", kernel::module_from_file),
    ("init-module", "", kernel::module_from_memory),
    ("delete-module", "[NAME]", kernel::remove_module),
    ("bpf-prog-load", "NAME", kernel::load_program),
    ("bpf-map-create", "NAME", kernel::create_map),
    ("bpf-raw-tracepoint", "NAME", kernel::attach_program),
    ("setuid", "UID", credentials::uid),
    ("setresuid", "REAL EFFECTIVE SAVED", credentials::uids),
    ("setgid", "GID", credentials::gid),
    ("setresgid", "REAL EFFECTIVE SAVED", credentials::gids),
    ("regain-root", "", credentials::regain_root),
    ("capset-drop", "CAPABILITY", credentials::drop_capability),
    ("exec-as", "UID", credentials::execute_as),
    ("exec-without", "CAPABILITY", credentials::execute_without),
    ("capset-raise", "CAPABILITY", credentials::raise_capability),
    ("io-uring-nop", "[inline|worker|polled]", uring::nothing),
    ("io-uring-open", "PATH [inline|worker|polled]", uring::open),
    ("io-uring-connect", "ADDRESS:PORT [inline|worker|polled]", uring::connect),
    ("io-uring-socket", "[inline|worker|polled]", uring::socket),
    ("io-uring-accept", "[inline|worker|polled]", uring::accept),
    ("io-uring-rename", "OLD NEW [inline|worker|polled]", uring::rename),
    ("io-uring-unlink", "PATH [inline|worker|polled]", uring::unlink),
    ("io-uring-link", "EXISTING NEW [inline|worker|polled]", uring::link),
    ("io-uring-symlink", "TARGET NEW [inline|worker|polled]", uring::symlink),
    ("io-uring-mkdir", "PATH [inline|worker|polled]", uring::mkdir),
    ("thread-open", "PATH", other_way::thread_open),
    ("int80-open", "PATH", other_way::int80_open),
    ("fork-without-exec", "DEED…", other_way::fork_without_exec),
    ("script", "", script::perform),
    ("on-terminal", "DEED…", terminal::perform),
    ("in-sandbox", "DEED…", sandbox::perform),
    ("in-container", "ID DEED…", container::perform),
    ("two-containers", "SENDER RECEIVER", container::two),
    ("storm", "connect N PORT [PER_SECOND] | exec N [PER_SECOND] | open N PATH [PER_SECOND]", storm::storm),
];

/// Does what the first argument names with those behind it.
pub(crate) fn perform(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    if arguments.words().is_empty() {
        list()?;
        return Err(Usage("name a deed".to_owned()).into());
    }
    let name = arguments.text(0)?;
    let deed = DEEDS.iter().find(|(known, ..)| *known == name);
    let (_, usage, function) = deed.ok_or_else(|| Usage(format!("there is no deed `{name}`")))?;
    let done = function(arguments.after(1)).map_err(|error| match error.downcast::<Usage>() {
        Ok(wrong) => Usage(format!("actor {name} {usage}: {wrong}")).into(),
        Err(other) => other,
    })?;
    Ok(done.with("deed", name))
}

fn list() -> io::Result<()> {
    let mut out = io::stdout().lock();
    DEEDS.iter().try_for_each(|(name, usage, _)| writeln!(out, "actor {name} {usage}"))
}
