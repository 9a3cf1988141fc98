use rampart_kernel::{Exec, Fork, Lineage, Task};
use rampart_model::{
    Access, AccessRequest, Call, Capabilities, Connect, ConnectOutcome, ConnectStage, CredentialsChange,
    ExecutableTraits, Exit, Identity, MAX_ANCESTORS, Namespaces, Outcome, ProcessKey, Signal, Stdio, Target,
    Transport,
};

use super::*;

const HOST: u32 = 0xefff_fffc;
const SECOND: u64 = 1_000_000_000;

/// An enricher that finds nothing in /proc, and a clock that goes on a second with every event.
struct World {
    enricher: Enricher,
    now_ns: u64,
    proc: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let proc = tempfile::tempdir().unwrap();
        let config = EnrichConfig {
            proc_root: proc.path().to_owned(),
            cgroup_root: proc.path().join("cgroup"),
            host_root: proc.path().join("host"),
            boot_id: "boot".to_owned(),
        };
        Self { enricher: Enricher::new(config), now_ns: SECOND, proc }
    }

    fn enricher_root(&self) -> PathBuf {
        self.proc.path().join("host")
    }

    fn try_feed(&mut self, task: Task, body: Body) -> Option<Event> {
        self.now_ns += SECOND;
        self.enricher.enrich(Capture { time_ns: self.now_ns, cpu: 0, sequence: 1, task, body }, 0)
    }

    fn feed(&mut self, task: Task, body: Body) -> Event {
        self.try_feed(task, body).unwrap()
    }

    fn fork(&mut self, pid: u32, parent: u32) -> Event {
        self.feed(task(pid, "fork"), Body::Fork(Fork { lineage: lineage(parent), mnt_ns: 1, pid_ns: HOST }))
    }

    fn exec(&mut self, pid: u32, parent: u32, image: &str) -> Event {
        self.exec_in(pid, parent, image, "/", HOST)
    }

    fn exec_in(&mut self, pid: u32, parent: u32, image: &str, cgroup: &str, pid_ns: u32) -> Event {
        let name = image.rsplit('/').next().unwrap_or_default().to_owned();
        self.exec_as(task(pid, &name), lineage(parent), image, cgroup, pid_ns)
    }

    fn exec_as(&mut self, task: Task, lineage: Lineage, image: &str, cgroup: &str, pid_ns: u32) -> Event {
        let exec = Exec {
            lineage,
            namespaces: Namespaces { pid: pid_ns, ..Namespaces::default() },
            capabilities: Capabilities(1 << 21),
            stdio: Stdio::default(),
            executable: image.into(),
            traits: ExecutableTraits::default(),
            script: None,
            working_directory: "/work".into(),
            cgroup: cgroup.into(),
            args: [image, "arg"].into_iter().collect(),
            args_truncated: false,
        };
        self.feed(task, Body::Exec(Box::new(exec)))
    }

    fn call(&mut self, pid: u32, operation: Operation) -> Option<Event> {
        self.try_feed(task(pid, "caller"), Body::Call(Call { outcome: Outcome::DONE, operation }))
    }

    /// What becomes of the process that another one reaches into.
    fn target(&mut self, pid: u32, target: Target) -> Target {
        let access = Operation::Access(Access { request: AccessRequest::Attach, target });
        let event = self.call(pid, access).unwrap();
        let Some(Operation::Access(access)) = event.operation() else { panic!("{event:?}") };
        access.target.clone()
    }

    /// Whether a signal is an event.
    fn signal(&mut self, pid: u32, target: u32) -> bool {
        let signal = Signal { number: 9, target: Target::Key(key(target)) };
        self.call(pid, Operation::Signal(signal)).is_some()
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
    Task { pid, tid: pid, uid: 0, gid: 0, start_ns: u64::from(pid) * SECOND, cgroup_id: 0, name: name.into() }
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey::new(pid, u64::from(pid) * SECOND)
}

fn lineage(parent: u32) -> Lineage {
    Lineage {
        parent_pid: parent,
        parent_start_ns: u64::from(parent) * SECOND,
        effective_uid: 0,
        login_uid: None,
        inner_pid: 0,
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

/// A container's runtime puts a process into a cgroup; there is no event of it, only another id.
#[test]
fn a_process_is_where_its_records_say() {
    let mut world = World::new();
    let docker = format!("/docker/{}", "c0ffee00".repeat(8));
    let at = |pid, cgroup_id| Task { cgroup_id, ..task(pid, "runc") };
    world.exec_as(at(10, 50), lineage(1), "/usr/bin/runc", "/system.slice", HOST);
    world.exec_as(at(11, 60), lineage(1), "/pause", &docker, HOST);
    assert_eq!(world.connect(at(10, 50)).process.container, None);
    let moved = world.connect(at(10, 60)).process;
    let container = |process: &Process| process.container.as_ref().map(|container| container.id.to_string());
    assert_eq!((&*moved.cgroup, moved.cgroup_id), (&*docker, 60));
    let pause = world.connect(at(11, 60)).process;
    assert_eq!((container(&moved), container(&pause).is_some()), (container(&pause), true));
    // Its children begin there; an id that nobody has heard of changes nothing.
    let fork = Fork { lineage: lineage(10), mnt_ns: 1, pid_ns: HOST };
    assert_eq!(container(&world.feed(at(12, 60), Body::Fork(fork)).process), container(&moved));
    assert_eq!(world.connect(at(10, 70)).process, moved);
}

/// A privileged one can make a cgroup on the host and move into it.
#[test]
fn nobody_leaves_a_container_by_a_cgroup_that_names_none() {
    let [own, other] = ["c0ffee00", "beef0000"].map(|digits| digits.repeat(8));
    let at = |pid, cgroup_id| Task { cgroup_id, ..task(pid, "sh") };
    for (cgroup, pid_ns, expected) in [
        ("/x".to_owned(), HOST, &own),
        ("/x".to_owned(), 7, &own),
        ("/system.slice/ssh.service".to_owned(), HOST, &own),
        (format!("/docker/{own}/nested"), HOST, &own),
        (format!("/docker/{other}"), HOST, &other),
        (format!("/docker/{other}"), 7, &other),
    ] {
        let mut world = World::new();
        world.exec_as(at(10, 50), lineage(1), "/bin/sh", &format!("/docker/{own}"), pid_ns);
        // By this one the cgroup's id is known.
        world.exec_as(at(11, 60), lineage(1), "/bin/other", &cgroup, pid_ns);
        let moved = world.connect(at(10, 60)).process;
        let begun = world.exec_as(at(12, 60), lineage(10), "/bin/child", &cgroup, pid_ns).process;
        for process in [moved, begun] {
            let container = process.container.as_ref().map(|container| container.id.to_string());
            assert_eq!(container.as_ref(), Some(expected), "{cgroup} {pid_ns}");
            assert_eq!(&*process.cgroup, cgroup);
        }
    }
}

/// The document may be written after the container's first process has begun.
#[test]
fn a_container_has_a_name_as_soon_as_its_runtime_tells() {
    let mut world = World::new();
    let id = "c0ffee00".repeat(8);
    world.exec_in(10, 1, "/bin/sh", &format!("/docker/{id}"), 7);
    world.fork(11, 10);
    let name = |event: &Event| {
        let container = event.process.container.as_ref().unwrap();
        container.name.as_deref().map(str::to_owned)
    };
    assert_eq!(name(&world.connect(task(11, "sh"))), None);
    let folder = world.enricher_root().join("var/lib/docker/containers").join(&id);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.v2.json"), r#"{"Name": "/box"}"#).unwrap();
    world.now_ns += 60 * SECOND;
    for pid in [11, 10] {
        assert_eq!(name(&world.connect(task(pid, "sh"))).as_deref(), Some("box"));
    }
    assert_eq!(name(&world.fork(12, 10)).as_deref(), Some("box"));
    assert_eq!(world.enricher.containers().found, 1);
}

#[test]
fn a_target_is_found_by_key_or_by_the_number_that_the_caller_sees() {
    let inside = |parent, inner_pid| Lineage { inner_pid, ..lineage(parent) };
    let mut world = World::new();
    world.exec(10, 1, "/usr/bin/gdb");
    world.exec_as(task(20, "a"), inside(10, 1), "/a", "/box", 7);
    world.exec_as(task(21, "b"), inside(20, 2), "/b", "/box", 7);
    for (caller, target, expected) in [
        (10, Target::Key(key(21)), Some(21)),
        (10, Target::Number(21), Some(21)),
        // Within a pid namespace other numbers are used.
        (20, Target::Number(2), Some(21)),
        (20, Target::Number(21), None),
        (10, Target::Number(2), None),
        // The number belongs to another process by now.
        (10, Target::Key(ProcessKey::new(21, SECOND)), None),
    ] {
        let found = world.target(caller, target.clone());
        assert_eq!(found.process().map(|process| process.key.pid), expected, "{caller} {target:?}");
        if expected.is_none() {
            assert_eq!(found, target);
        }
    }
}

#[test]
fn only_signals_that_leave_a_container_are_events() {
    let mut world = World::new();
    world.exec(10, 1, "/bin/bash");
    for (pid, cgroup) in [(20, "/docker/c0ffee"), (21, "/docker/c0ffee"), (30, "/docker/beef")] {
        world.exec_in(pid, 10, "/bin/sh", cgroup, pid);
    }
    for (sender, target, expected) in
        [(20, 21, false), (20, 30, true), (20, 10, true), (10, 20, false), (10, 10, false), (20, 99, true)]
    {
        assert_eq!(world.signal(sender, target), expected, "{sender} to {target}");
    }
    assert_eq!(world.enricher.filtered(EventKind::Signal), 3);
    assert_eq!(world.enricher.filtered(EventKind::Access), 0);
}

#[test]
fn a_change_of_credentials_stays() {
    let mut world = World::new();
    world.exec(10, 1, "/bin/su");
    let identity =
        |uid, euid, gid| Identity { uid, euid, gid, egid: gid, capabilities: Capabilities::default() };
    let change = CredentialsChange { before: identity(0, 0, 0), after: identity(1000, 0, 100) };
    let ids = |process: &Process| (process.user.id, process.effective_user_id, process.group_id);
    let event = world.call(10, Operation::Credentials(change)).unwrap();
    assert_eq!(ids(&event.process), (1000, 0, 100));
    let later = world.connect(Task { uid: 1000, gid: 100, ..task(10, "su") });
    assert_eq!(ids(&later.process), (1000, 0, 100));
}
