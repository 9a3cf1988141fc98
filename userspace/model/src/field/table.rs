use super::{
    AncestorPart, FieldType, Value, fields, kinds,
    pick::{
        access, ancestors, bpf, connect, cpu, credentials, descriptor, exec_failed, exit, file, io_uring,
        local, memfd, module, mount, names, namespace, new_root, outcome, parent, pod, process, remote,
        signal, socket, target, text,
    },
};
use crate::{Event, EventKind, FileOperation, Module};

/// Gives the closures in the table their type.
fn read<'a>(event: &'a Event, get: impl FnOnce(&'a Event) -> Option<Value<'a>>) -> Option<Value<'a>> {
    get(event)
}

fields! {
    Image "Image" Text * "Path of the program file, as the process's root sees it."
        => |e| text(&process(e).executable);
    CommandLine "CommandLine" Text * "All arguments, joined with spaces."
        => |e| Some(process(e).args.command_line().into());
    CurrentDirectory "CurrentDirectory" Text * "Working directory at the exec."
        => |e| text(&process(e).working_directory);
    ProcessId "ProcessId" Number * "Process id in the host's pid namespace."
        => |e| Some(process(e).key.pid.into());
    Interpreter "process.interpreter" Text * "Of a script, the path of the interpreter that the kernel loaded."
        => |e| Some(process(e).interpreter()?.into());
    Script "process.script" Text * "Path of the script; Image is its interpreter."
        => |e| Some(process(e).script.as_ref()?.into());
    ExecutableMemfd "process.executable.memfd" Bool * "Whether the program file lives in memory only (memfd_create)."
        => |e| Some(process(e).traits.memfd.into());
    ExecutableDeleted "process.executable.deleted" Bool * "Whether the program file had no name any more at the exec: unlinked, or a memfd."
        => |e| Some(process(e).traits.deleted.into());
    ExecutableUpperLayer "process.executable.upper_layer" Bool * "Whether the program file lies in an overlay's upper layer: added since the image was made."
        => |e| Some(process(e).traits.upper_layer.into());
    Setuid "process.setuid" Bool * "Whether the effective user is another than the real one."
        => |e| Some((process(e).effective_user_id != process(e).user.id).into());
    CapabilitiesEffective "process.capabilities.effective" Text * "Effective capabilities at the exec, joined with commas in the order of their numbers, such as chown,sys_admin; absent where there are none. What changes later is told by `credentials`."
        => |e| names(process(e).capabilities.names());
    ArgsTruncated "process.args_truncated" Bool * "Whether the arguments were longer than what is captured."
        => |e| Some(process(e).args_truncated.into());
    ExecPath "exec.path" Text [ExecFailed] "What could not be executed; Image is still the caller's."
        => |e| text(exec_failed(e)?);
    ParentImage "ParentImage" Text * "Path of the parent's program file."
        => |e| text(&parent(e)?.executable);
    ParentCommandLine "ParentCommandLine" Text * "The parent's arguments, joined with spaces."
        => |e| Some(parent(e)?.args.command_line().into());
    ParentProcessId "ParentProcessId" Number * "The parent's process id."
        => |e| Some(parent(e)?.key.pid.into());
    User "User" Text * "Name of the real user by the host's files; its number where it has none."
        => |e| Some(process(e).user.name.as_deref().map_or_else(
            || process(e).user.id.into(), Value::from));
    LogonId "LogonId" Number * "The audit login uid: who logged in, whatever su or sudo came after."
        => |e| Some(process(e).login_user_id?.into());
    ProcessName "process.name" Text * "The kernel's name for the process, at most 15 bytes."
        => |e| Some((&process(e).name).into());
    ParentName "process.parent.name" Text * "The kernel's name for the parent."
        => |e| Some((&parent(e)?.name).into());
    AncestorImages "process.ancestors.executable" Text * "Paths of the program files of all ancestors, the parent first; a test holds where it holds of any."
        => |e| ancestors(e, AncestorPart::Executable);
    AncestorNames "process.ancestors.name" Text * "The kernel's names for all ancestors, the parent first; a test holds where it holds of any."
        => |e| ancestors(e, AncestorPart::Name);
    Stdin "process.stdin.type" Text * "What descriptor 0 was at the exec: file, terminal, character (another device, such as /dev/null), block, pipe, socket, directory, other."
        => |e| Some(process(e).stdio.stdin.name()?.into());
    Stdout "process.stdout.type" Text * "What descriptor 1 was at the exec."
        => |e| Some(process(e).stdio.stdout.name()?.into());
    Stderr "process.stderr.type" Text * "What descriptor 2 was at the exec."
        => |e| Some(process(e).stdio.stderr.name()?.into());
    UserId "user.id" Number * "Real user id."
        => |e| Some(process(e).user.id.into());
    EffectiveUserId "user.effective.id" Number * "Effective user id."
        => |e| Some(process(e).effective_user_id.into());
    GroupId "group.id" Number * "Real group id."
        => |e| Some(process(e).group_id.into());
    ContainerId "container.id" Text * "The container's id; absent on the host."
        => |e| Some((&*process(e).container.as_ref()?.id).into());
    ContainerRuntime "container.runtime" Text * "containerd, cri-o, docker, podman or unknown; absent on the host."
        => |e| Some(process(e).container.as_ref()?.runtime.name().into());
    ContainerName "container.name" Text * "The container's name, within its pod where it is in one; absent on the host and where the runtime's files do not tell."
        => |e| Some(process(e).container.as_ref()?.name.as_deref()?.into());
    ContainerImage "container.image.name" Text * "The container's image, as the runtime was asked for it."
        => |e| Some(process(e).container.as_ref()?.image.as_deref()?.into());
    PodUid "orchestrator.resource.id" Text * "The Kubernetes pod's UID; absent outside pods."
        => |e| Some(pod(e)?.uid.as_deref()?.into());
    PodName "orchestrator.resource.name" Text * "The Kubernetes pod's name; absent outside pods."
        => |e| Some(pod(e)?.name.as_deref()?.into());
    PodNamespace "orchestrator.namespace" Text * "The Kubernetes namespace of the pod; absent outside pods."
        => |e| Some(pod(e)?.namespace.as_deref()?.into());
    WorkloadKind "orchestrator.resource.parent.type" Text * "What the pod belongs to, at the end of its owners' chain: Deployment, DaemonSet, CronJob …; absent outside pods, and where the API server has not told."
        => |e| Some((&*pod(e)?.details.as_ref()?.workload.as_ref()?.kind).into());
    WorkloadName "rampart.workload.name" Text * "The name of what the pod belongs to; absent as its kind is."
        => |e| Some((&*pod(e)?.details.as_ref()?.workload.as_ref()?.name).into());
    ServiceAccount "rampart.service_account" Text * "The service account that the pod runs as; absent where the API server has not told."
        => |e| Some(pod(e)?.details.as_ref()?.service_account.as_deref()?.into());
    ImageDigest "container.image.hash.all" Text * "The digest of the container's image, sha256:…; absent where the API server has not told."
        => |e| Some(process(e).container.as_ref()?.image_digest.as_deref()?.into());
    EventOperation "event.operation" Text calls "What was asked of the kernel, such as rename or ptrace; absent for exec, fork, exit, connect and cpu."
        => |e| Some(e.operation()?.name().into());
    EventSucceeded "event.success" Bool calls "Whether the kernel did it; absent where that was not seen."
        => |e| Some(outcome(e)?.success()?.into());
    EventErrno "event.errno" Number calls "Why the kernel refused, by errno's number."
        => |e| Some(outcome(e)?.errno()?.into());
    EventOrigin "event.origin" Text calls "io_uring where the operation came by it, else syscall; absent for exec, fork, exit, connect and cpu."
        => |e| Some(outcome(e)?.origin.name().into());
    Initiated "Initiated" Bool [Connect] "Always true: connections are reported by the side that opens them."
        => |e| connect(e).map(|_| true.into());
    Protocol "Protocol" Text [Connect] "tcp, udp or other."
        => |e| Some(connect(e)?.transport.name().into());
    DestinationIp "DestinationIp" Ip [Connect Socket Descriptor] "Remote address; IPv4-mapped IPv6 is given as IPv4."
        => |e| Some(remote(e)?.ip().into());
    DestinationPort "DestinationPort" Number [Connect Socket Descriptor] "Remote port."
        => |e| Some(remote(e)?.port().into());
    SourceIp "SourceIp" Ip [Connect Socket Descriptor] "Local address, where there is one."
        => |e| Some(local(e)?.ip().into());
    SourcePort "SourcePort" Number [Connect Socket Descriptor] "Local port, where there is one."
        => |e| Some(local(e)?.port().into());
    ConnectOutcome "connect.outcome" Text [Connect] "success, in_progress, refused, aborted or failed."
        => |e| Some(connect(e)?.outcome.name().into());
    SocketFamily "socket.family" Text [Socket Descriptor] "inet, inet6, unix, packet, netlink or other."
        => |e| Some(socket(e)?.family.name().into());
    SocketType "socket.type" Text [Socket Descriptor] "stream, dgram, raw, seqpacket, packet or other."
        => |e| Some(socket(e)?.socket_type.name().into());
    SocketProtocol "socket.protocol" Number [Socket Descriptor] "Number of the protocol (IPPROTO_*); of a packet socket the ethertype."
        => |e| Some(socket(e)?.protocol.into());
    SocketPath "socket.path" Text [Socket Descriptor] "Path of a unix socket; @name for an abstract one."
        => |e| text(socket(e)?.path()?);
    DescriptorNumber "descriptor.number" Number [Descriptor] "Which standard descriptor a socket was put onto: 0, 1 or 2."
        => |e| Some(descriptor(e)?.number.into());
    TargetFilename "TargetFilename" Text [File] "The path acted on: of a rename the old one, of a link or symlink the new one."
        => |e| text(&file(e)?.path);
    FileTarget "file.target" Text [File] "Of a rename the new path, of a link the file there was, of a symlink what it points to."
        => |e| text(file(e)?.operation.target()?);
    FileFlags "file.flags" Text [File] "How a file was opened, joined with commas, such as wronly,creat,trunc."
        => |e| names(file(e)?.operation.flags()?.names());
    FileMode "file.mode" Number [File] "Mode bits that a file was made with or changed to; of mknod with the file's type."
        => |e| Some(file(e)?.operation.mode()?.into());
    FileSetuid "file.setuid" Bool [File] "Of chmod and its like, whether the new mode has the set-user-ID or the set-group-ID bit."
        => |e| Some(file(e)?.operation.sets_id()?.into());
    FileCreated "file.created" Bool [File] "Whether the operation made the file or the name; false where a file that was there is opened for writing, absent outside file_event."
        => |e| Some(file(e)?.operation.created()?.into());
    FileUid "file.uid" Number [File] "The new owner."
        => |e| match file(e)?.operation { FileOperation::Chown { uid, .. } => Some(uid?.into()), _ => None };
    FileGid "file.gid" Number [File] "The new group."
        => |e| match file(e)?.operation { FileOperation::Chown { gid, .. } => Some(gid?.into()), _ => None };
    MountSource "mount.source" Text [Mount] "What is mounted, as an absolute path where it is a path; of pivot_root the new root."
        => |e| text(&mount(e)?.source);
    MountTarget "mount.target" Text [Mount] "Where it is mounted, as the caller sees it; of pivot_root where the old root goes."
        => |e| text(&mount(e)?.target);
    MountType "mount.type" Text [Mount] "File-system type; absent for binds and remounts."
        => |e| text(&mount(e)?.fs_type);
    MountFlags "mount.flags" Text [Mount] "Flags by name, joined with commas, such as bind,rec."
        => |e| names(mount(e)?.operation.flag_names());
    MountSucceeded "mount.success" Bool [Mount] "The same as event.success, of mounts."
        => |e| mount(e).and(outcome(e)?.success()).map(Value::from);
    NamespaceTypes "namespace.types" Text [Namespace] "Which namespaces: mnt, pid, net, uts, ipc, cgroup, user, time, joined with commas."
        => |e| names(namespace(e)?.types()?.names());
    NamespacePath "namespace.path" Text [Namespace Mount] "The new root of chroot or pivot_root."
        => |e| text(new_root(e)?);
    TargetProcessId "TargetProcessId" Number [Access Signal] "The process acted on; where it is not known, the number that the caller used."
        => |e| Some(target(e)?.pid().into());
    TargetImage "TargetImage" Text [Access Signal] "Path of the program file of the process acted on."
        => |e| text(&target(e)?.process()?.executable);
    AccessRequest "access.request" Text [Access] "attach, seize, traceme, poke, read or write."
        => |e| Some(access(e)?.request.name().into());
    SignalNumber "signal.number" Number [Signal] "The signal."
        => |e| Some(signal(e)?.number.into());
    MemfdName "memfd.name" Text [Memfd] "The name that a file in memory was given."
        => |e| Some((&memfd(e)?.name).into());
    MemfdFlags "memfd.flags" Text [Memfd] "cloexec, allow_sealing, hugetlb, noexec_seal, exec, joined with commas."
        => |e| names(memfd(e)?.flag_names());
    ModuleName "module.name" Text [Module] "The kernel module that was unloaded."
        => |e| match module(e)? { Module::Unload(name) => text(name), _ => None };
    ModulePath "module.path" Text [Module] "The file that a kernel module came from."
        => |e| match module(e)? { Module::LoadFile(path) => text(path), _ => None };
    BpfCommand "bpf.command" Text [Bpf] "prog_load, map_create, prog_attach, link_create, raw_tracepoint_open and so on."
        => |e| Some(bpf(e)?.command_name().into());
    BpfName "bpf.name" Text [Bpf] "Name of the program or map."
        => |e| text(bpf(e)?.object_name()?);
    BpfType "bpf.type" Text [Bpf] "Type of the program or map by name, such as kprobe, xdp or ringbuf."
        => |e| Some(bpf(e)?.type_name()?.into());
    UidOld "credentials.uid.old" Number [Credentials] "Real user id before."
        => |e| Some(credentials(e)?.before.uid.into());
    UidNew "credentials.uid.new" Number [Credentials] "Real user id after."
        => |e| Some(credentials(e)?.after.uid.into());
    EuidOld "credentials.euid.old" Number [Credentials] "Effective user id before."
        => |e| Some(credentials(e)?.before.euid.into());
    EuidNew "credentials.euid.new" Number [Credentials] "Effective user id after."
        => |e| Some(credentials(e)?.after.euid.into());
    GidOld "credentials.gid.old" Number [Credentials] "Real group id before."
        => |e| Some(credentials(e)?.before.gid.into());
    GidNew "credentials.gid.new" Number [Credentials] "Real group id after."
        => |e| Some(credentials(e)?.after.gid.into());
    CapabilitiesGained "credentials.capabilities.gained" Text [Credentials] "Effective capabilities that came new, joined with commas, such as sys_admin,net_raw."
        => |e| names(credentials(e)?.gained().names());
    IoUringOpcode "io_uring.opcode" Text [IoUring] "The operation submitted: connect, openat, renameat, unlinkat and so on."
        => |e| Some(io_uring(e)?.opcode_name()?.into());
    ExitCode "process.exit_code" Number [Exit] "The code given to exit(2)."
        => |e| Some(u32::from(exit(e)?.code).into());
    ExitSignal "process.exit_signal" Number [Exit] "The signal that ended the process."
        => |e| Some(u32::from(exit(e)?.signal?).into());
    CpuPercent "cpu.percent" Number [Cpu] "How much of one processor the process has used all that time, in percent; several threads together can use more than 100."
        => |e| Some(cpu(e)?.percent.into());
    CpuSeconds "cpu.seconds" Number [Cpu] "For how long it has done so without a break."
        => |e| Some(cpu(e)?.seconds.into());
}
