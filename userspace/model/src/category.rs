use crate::{EventKind, vocabulary::vocabulary};

vocabulary! {
    /// Sigma's `logsource.category`: which events a rule looks at. Names that Sigma lacks are ours.
    pub enum Category {
        ProcessCreation "process_creation" "A program was executed.";
        ProcessCreationFailure "process_creation_failure" "A program could not be executed.";
        ProcessTermination "process_termination" "A process ended.";
        ProcessFork "process_fork" "A process made another without executing a program.";
        NetworkConnection "network_connection" "A connection was attempted.";
        NetworkConnectionResult "network_connection_result" "A connection that was in progress came to its end.";
        NetworkSocket "network_socket" "A socket was bound, listened on, or otherwise made ready.";
        Mount "mount" "The tree of mounts was changed, or was to be.";
        Namespace "namespace" "A process went into other namespaces or another root.";
        FileAccess "file_access" "A file was opened for reading.";
        FileEvent "file_event" "A file was made, or opened for writing.";
        FileRename "file_rename" "A file got another name.";
        FileDelete "file_delete" "A file or a directory lost its name.";
        FileChange "file_change" "A file's mode or owner was changed.";
        Descriptor "descriptor" "A socket became a standard descriptor.";
        ProcessAccess "process_access" "A process reached into another one.";
        MemfdCreate "memfd_create" "A file that lives in memory only was made.";
        KernelModule "kernel_module" "A kernel module was loaded or unloaded.";
        Bpf "bpf" "A BPF program or map was loaded, made or attached.";
        Credentials "credentials" "A process changed as whom it acts, or what it may.";
        Signal "signal" "A signal left a container.";
        IoUring "io_uring" "io_uring was set up, or used for what no other event shows.";
        ProcessCpu "process_cpu" "A process has kept a processor busy for some time.";
    }
}

impl Category {
    /// The kind of event that its rules look at.
    #[must_use]
    pub const fn kind(self) -> EventKind {
        match self {
            Self::ProcessCreation => EventKind::Exec,
            Self::ProcessCreationFailure => EventKind::ExecFailed,
            Self::ProcessTermination => EventKind::Exit,
            Self::ProcessFork => EventKind::Fork,
            Self::NetworkConnection | Self::NetworkConnectionResult => EventKind::Connect,
            Self::NetworkSocket => EventKind::Socket,
            Self::Mount => EventKind::Mount,
            Self::Namespace => EventKind::Namespace,
            Self::FileAccess | Self::FileEvent | Self::FileRename | Self::FileDelete | Self::FileChange => {
                EventKind::File
            }
            Self::Descriptor => EventKind::Descriptor,
            Self::ProcessAccess => EventKind::Access,
            Self::MemfdCreate => EventKind::Memfd,
            Self::KernelModule => EventKind::Module,
            Self::Bpf => EventKind::Bpf,
            Self::Credentials => EventKind::Credentials,
            Self::Signal => EventKind::Signal,
            Self::IoUring => EventKind::IoUring,
            Self::ProcessCpu => EventKind::Cpu,
        }
    }
}
