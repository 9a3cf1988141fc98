use crate::names::{NumberName, nth};

/// A call of bpf(2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bpf {
    /// A program was loaded.
    ProgramLoad {
        /// `BPF_PROG_TYPE_*`.
        program_type: u32,
        /// The name that it was given.
        name: Box<str>,
    },
    /// A map was made.
    MapCreate {
        /// `BPF_MAP_TYPE_*`.
        map_type: u32,
        /// The name that it was given.
        name: Box<str>,
    },
    /// Another command, by its number.
    Other(u32),
}

impl Bpf {
    /// BPF_MAP_CREATE (enum bpf_cmd, include/uapi/linux/bpf.h).
    pub const MAP_CREATE: u32 = 0;
    /// BPF_PROG_LOAD.
    pub const PROG_LOAD: u32 = 5;

    /// The value of the field `bpf.command`.
    #[must_use]
    pub fn command_name(&self) -> NumberName {
        let command = match self {
            Self::ProgramLoad { .. } => Self::PROG_LOAD,
            Self::MapCreate { .. } => Self::MAP_CREATE,
            Self::Other(command) => *command,
        };
        nth(COMMANDS, command)
    }

    /// The value of the field `bpf.type`.
    #[must_use]
    pub fn type_name(&self) -> Option<NumberName> {
        match self {
            Self::ProgramLoad { program_type, .. } => Some(nth(PROGRAM_TYPES, *program_type)),
            Self::MapCreate { map_type, .. } => Some(nth(MAP_TYPES, *map_type)),
            Self::Other(_) => None,
        }
    }

    /// The name of the program or map.
    #[must_use]
    pub const fn object_name(&self) -> Option<&str> {
        match self {
            Self::ProgramLoad { name, .. } | Self::MapCreate { name, .. } => Some(name),
            Self::Other(_) => None,
        }
    }
}

/// enum bpf_cmd (include/uapi/linux/bpf.h)
const COMMANDS: &[&str] = &[
    "map_create",
    "map_lookup_elem",
    "map_update_elem",
    "map_delete_elem",
    "map_get_next_key",
    "prog_load",
    "obj_pin",
    "obj_get",
    "prog_attach",
    "prog_detach",
    "prog_run",
    "prog_get_next_id",
    "map_get_next_id",
    "prog_get_fd_by_id",
    "map_get_fd_by_id",
    "obj_get_info_by_fd",
    "prog_query",
    "raw_tracepoint_open",
    "btf_load",
    "btf_get_fd_by_id",
    "task_fd_query",
    "map_lookup_and_delete_elem",
    "map_freeze",
    "btf_get_next_id",
    "map_lookup_batch",
    "map_lookup_and_delete_batch",
    "map_update_batch",
    "map_delete_batch",
    "link_create",
    "link_update",
    "link_get_fd_by_id",
    "link_get_next_id",
    "enable_stats",
    "iter_create",
    "link_detach",
    "prog_bind_map",
    "token_create",
];

/// enum bpf_prog_type (include/uapi/linux/bpf.h)
const PROGRAM_TYPES: &[&str] = &[
    "unspec",
    "socket_filter",
    "kprobe",
    "sched_cls",
    "sched_act",
    "tracepoint",
    "xdp",
    "perf_event",
    "cgroup_skb",
    "cgroup_sock",
    "lwt_in",
    "lwt_out",
    "lwt_xmit",
    "sock_ops",
    "sk_skb",
    "cgroup_device",
    "sk_msg",
    "raw_tracepoint",
    "cgroup_sock_addr",
    "lwt_seg6local",
    "lirc_mode2",
    "sk_reuseport",
    "flow_dissector",
    "cgroup_sysctl",
    "raw_tracepoint_writable",
    "cgroup_sockopt",
    "tracing",
    "struct_ops",
    "ext",
    "lsm",
    "sk_lookup",
    "syscall",
    "netfilter",
];

/// enum bpf_map_type (include/uapi/linux/bpf.h)
const MAP_TYPES: &[&str] = &[
    "unspec",
    "hash",
    "array",
    "prog_array",
    "perf_event_array",
    "percpu_hash",
    "percpu_array",
    "stack_trace",
    "cgroup_array",
    "lru_hash",
    "lru_percpu_hash",
    "lpm_trie",
    "array_of_maps",
    "hash_of_maps",
    "devmap",
    "sockmap",
    "cpumap",
    "xskmap",
    "sockhash",
    "cgroup_storage",
    "reuseport_sockarray",
    "percpu_cgroup_storage",
    "queue",
    "stack",
    "sk_storage",
    "devmap_hash",
    "struct_ops",
    "ringbuf",
    "inode_storage",
    "task_storage",
    "bloom_filter",
    "user_ringbuf",
    "cgrp_storage",
    "arena",
];
