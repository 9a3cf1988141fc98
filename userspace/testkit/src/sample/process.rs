use std::sync::Arc;

use rampart_model::{
    Capabilities, Container, ContainerRuntime, DescriptorKind, ExecutableTraits, Label, Namespaces, Pod,
    PodDetails, Process, ProcessKey, Stdio, User, Workload,
};

/// `xmrig -o pool:3333` of user `web`, in a container, started by a shell.
#[must_use]
pub fn process() -> Process {
    let shell = Process {
        key: ProcessKey { pid: 40, start_ns: 1_000_000_000 },
        entity_id: "boot-40-100".into(),
        name: "sh".into(),
        executable: "/bin/sh".into(),
        traits: ExecutableTraits::default(),
        script: None,
        args: ["sh", "-c", "xmrig"].into_iter().collect(),
        args_truncated: false,
        working_directory: "/".into(),
        user: User { id: 33, name: Some("web".into()) },
        effective_user_id: 33,
        group_id: 33,
        capabilities: Capabilities::default(),
        login_user_id: None,
        namespaces: Namespaces { mnt: 1, pid: 2, net: 3, uts: 4, ipc: 5, cgroup: 6, user: 7 },
        inner_pid: 1,
        cgroup: "/docker/c0ffee".into(),
        cgroup_id: 4711,
        container: Some(Arc::new(Container {
            id: "c0ffee".into(),
            runtime: ContainerRuntime::Docker,
            ..Container::default()
        })),
        stdio: Stdio::default(),
        parent: None,
    };
    Process {
        key: ProcessKey { pid: 41, start_ns: 2_000_000_000 },
        entity_id: "boot-41-200".into(),
        name: "xmrig".into(),
        executable: "/tmp/xmrig".into(),
        traits: ExecutableTraits { upper_layer: true, ..ExecutableTraits::default() },
        args: ["xmrig", "-o", "pool:3333"].into_iter().collect(),
        working_directory: "/tmp".into(),
        inner_pid: 8,
        stdio: Stdio { stdin: DescriptorKind::Socket, ..Stdio::default() },
        parent: Some(Arc::new(shell.clone())),
        ..shell
    }
}

/// `./backup.sh --all` as root, by somebody who had logged in as 1000, in a pod of Kubernetes.
#[must_use]
pub fn script() -> Process {
    Process {
        key: ProcessKey { pid: 52, start_ns: 3_000_000_000 },
        entity_id: "boot-52-300".into(),
        name: "backup.sh".into(),
        executable: "/bin/bash".into(),
        traits: ExecutableTraits::default(),
        script: Some("/opt/backup.sh".into()),
        args: ["/bin/bash", "./backup.sh", "--all"].into_iter().collect(),
        args_truncated: true,
        working_directory: "/opt".into(),
        user: User { id: 1000, name: None },
        effective_user_id: 0,
        group_id: 100,
        // chown, dac_override, sys_module and sys_admin.
        capabilities: Capabilities(1 | 1 << 1 | 1 << 16 | 1 << 21),
        login_user_id: Some(1000),
        namespaces: Namespaces { mnt: 11, pid: 12, net: 13, uts: 14, ipc: 15, cgroup: 16, user: 7 },
        inner_pid: 19,
        cgroup: "/kubepods/pod8c2b/beef".into(),
        cgroup_id: 4712,
        container: Some(Arc::new(Container {
            id: "beef".into(),
            runtime: ContainerRuntime::Containerd,
            name: Some("backup".into()),
            image: Some("registry.example/backup:9".into()),
            image_digest: Some("sha256:4b825dc6".into()),
            pod: Some(Pod {
                uid: Some("8c2b".into()),
                name: Some("backup-0".into()),
                namespace: Some("shop".into()),
                details: Some(Arc::new(PodDetails {
                    workload: Some(Workload { kind: "StatefulSet".into(), name: "backup".into() }),
                    owner_is_pending: false,
                    labels: [Label { name: "app.kubernetes.io/name".into(), value: "backup".into() }].into(),
                    service_account: Some("keeper".into()),
                })),
            }),
            is_sandbox: false,
        })),
        stdio: Stdio {
            stdin: DescriptorKind::Terminal,
            stdout: DescriptorKind::Pipe,
            stderr: DescriptorKind::File,
        },
        parent: None,
    }
}
