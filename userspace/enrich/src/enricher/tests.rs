use rampart_model::{Connect, ConnectOutcome, ConnectStage, Exit, MAX_ANCESTORS, Transport};

use super::*;

const HOST: u32 = 0xefff_fffc;
const SECOND: u64 = 1_000_000_000;

/// An enricher that finds nothing in /proc, and a clock that goes on a second with every event.
struct World {
    enricher: Enricher,
    now_ns: u64,
    _proc: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let proc = tempfile::tempdir().unwrap();
        let config = EnrichConfig {
            proc_root: proc.path().to_owned(),
            passwd: proc.path().join("passwd"),
            boot_id: "boot".to_owned(),
        };
        Self { enricher: Enricher::new(config), now_ns: SECOND, _proc: proc }
    }

    fn feed(&mut self, task: Task, body: Body) -> Event {
        self.now_ns += SECOND;
        self.enricher.enrich(Capture { time_ns: self.now_ns, cpu: 0, sequence: 1, task, body }, 0)
    }

    fn fork(&mut self, pid: u32, parent: u32) -> Event {
        self.feed(task(pid, "fork"), Body::Fork(Fork { lineage: lineage(parent), mnt_ns: 1, pid_ns: HOST }))
    }

    fn exec(&mut self, pid: u32, parent: u32, image: &str) -> Event {
        self.exec_in(pid, parent, image, "/", HOST)
    }

    fn exec_in(&mut self, pid: u32, parent: u32, image: &str, cgroup: &str, pid_ns: u32) -> Event {
        let exec = Exec {
            lineage: lineage(parent),
            namespaces: Namespaces { pid: pid_ns, ..Namespaces::default() },
            stdio: Stdio::default(),
            executable: image.into(),
            working_directory: "/work".into(),
            cgroup: cgroup.into(),
            args: [image, "arg"].into_iter().collect(),
            args_truncated: false,
        };
        let name = image.rsplit('/').next().unwrap_or_default().to_owned();
        self.feed(task(pid, &name), Body::Exec(Box::new(exec)))
    }

    fn connect(&mut self, task: Task) -> Event {
        let connect = Connect {
            transport: Transport::Tcp,
            source: None,
            destination: ([127, 0, 0, 1], 1).into(),
            outcome: ConnectOutcome::Success,
            stage: ConnectStage::Attempt,
            latency_ns: None,
        };
        self.feed(task, Body::Connect(connect))
    }
}

/// Every process of these tests began at its pid in seconds.
fn task(pid: u32, name: &str) -> Task {
    Task { pid, tid: pid, uid: 0, gid: 0, start_ns: u64::from(pid) * SECOND, name: name.into() }
}

fn lineage(parent: u32) -> Lineage {
    Lineage {
        parent_pid: parent,
        parent_start_ns: u64::from(parent) * SECOND,
        effective_uid: 0,
        login_uid: None,
    }
}

fn ancestry(event: &Event) -> Vec<String> {
    event.process.ancestors().map(|process| process.name.to_string()).collect()
}

#[test]
fn ancestry_goes_through_forks_without_exec() {
    let mut world = World::new();
    world.exec(10, 1, "/bin/bash");
    world.fork(11, 10);
    world.fork(12, 11);
    let event = world.exec(12, 11, "/bin/nc");
    assert_eq!(ancestry(&event), ["fork", "bash"]);
    assert_eq!(&*event.process.parent.as_ref().unwrap().executable, "/bin/bash");
    assert_eq!(&*event.process.entity_id, "boot-12-1200");
}

#[test]
fn an_adopted_process_keeps_who_made_it() {
    let mut world = World::new();
    world.exec(10, 1, "/bin/bash");
    world.fork(11, 10);
    // Its maker has ended: the kernel says that init is its parent.
    let event = world.exec(11, 1, "/bin/daemon");
    assert_eq!(ancestry(&event), ["bash"]);
}

#[test]
fn a_pid_given_again_is_another_process() {
    let mut world = World::new();
    world.exec(10, 1, "/bin/old");
    let later = Task { start_ns: 999 * SECOND, ..task(10, "new") };
    let event = world.connect(later);
    assert_eq!((&*event.process.name, &*event.process.executable), ("new", ""));
    assert_eq!(world.enricher.counters().unknown, 1);
}

#[test]
fn an_outcome_after_the_end_still_knows_its_process() {
    let mut world = World::new();
    world.exec(10, 1, "/bin/nc");
    world.feed(task(10, "nc"), Body::Exit(Exit { code: 0, signal: None }));
    assert_eq!(&*world.connect(task(10, "nc")).process.executable, "/bin/nc");
    // Not for ever: the next end after the time to keep clears it away.
    world.now_ns += 60 * SECOND;
    world.exec(11, 1, "/bin/other");
    world.feed(task(11, "other"), Body::Exit(Exit { code: 0, signal: None }));
    assert_eq!(&*world.connect(task(10, "nc")).process.executable, "");
}

#[test]
fn a_process_acts_as_whom_it_is_now() {
    let mut world = World::new();
    world.exec(10, 1, "/usr/sbin/sshd");
    let event = world.connect(Task { uid: 1000, gid: 100, ..task(10, "sshd") });
    assert_eq!((event.process.user.id, event.process.group_id), (1000, 100));
    assert_eq!(&*event.process.executable, "/usr/sbin/sshd");
}

#[test]
fn chains_do_not_grow_for_ever() {
    let mut world = World::new();
    world.exec(1000, 1, "/bin/first");
    for pid in 1001..2000 {
        let event = world.fork(pid, pid - 1);
        let length = event.process.ancestors().count();
        assert!(length < MAX_ANCESTORS, "{length}");
        assert!(length >= (MAX_ANCESTORS / 2).min(pid as usize - 1000), "{length} of {pid}");
    }
}

#[test]
fn containers_by_their_cgroup_or_by_their_own_namespace_and_cgroup() {
    let id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let docker = format!("/docker/{id}");
    for (cgroup, pid_ns, expected) in [
        (docker.as_str(), 7, Some(id)),
        // With the host's pid namespace too.
        (docker.as_str(), HOST, Some(id)),
        ("/box-1", 7, Some("box-1")),
        // unshare --pid in a session, or in the very cgroup of its parent.
        ("/user.slice/session-1.scope", 7, None),
        ("/parent", 7, None),
        ("/box-1", HOST, None),
        ("/", 7, None),
    ] {
        let mut world = World::new();
        world.exec_in(10, 1, "/usr/bin/runc", "/parent", HOST);
        let event = world.exec_in(11, 10, "/bin/sh", cgroup, pid_ns);
        let found = event.process.container.as_ref().map(|container| container.id.to_string());
        assert_eq!(found.as_deref(), expected, "{cgroup} {pid_ns}");
        // Its children are where it is.
        let child =
            world.exec_in(12, 11, "/bin/child", &format!("{cgroup}/nested").replace("//", "/"), pid_ns);
        let inherited = child.process.container.as_ref().map(|container| container.id.to_string());
        if expected.is_some() {
            assert_eq!(inherited, found, "{cgroup} {pid_ns}");
        }
    }
}

#[test]
fn the_paths_of_a_mount_are_absolute() {
    for (source, flags, fs_type, expected) in [
        ("docker.sock", MS_BIND, "", "/run/docker.sock"),
        ("../etc", MS_BIND, "", "/etc"),
        ("none", 0, "tmpfs", "none"),
        ("/dev/sda1", 0, "ext4", "/dev/sda1"),
        ("", 0, "proc", ""),
    ] {
        let raw = RawMount {
            source: source.into(),
            target: "here".into(),
            fs_type: fs_type.into(),
            flags,
            errno: 0,
            working_directory: "/run".into(),
        };
        let mount = mount(raw);
        assert_eq!((&*mount.source, &*mount.target), (expected, "/run/here"));
    }
}
