//! A manager that says anything, all of it sealed with the agent's key: the agent lives with it, and ends when it is told to.
//!
//! The input is messages with `|||` between them.
#![no_main]

use std::{
    future,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

use libfuzzer_sys::fuzz_target;
use rampart_wazuh::{
    AgentKey, AgentVersion, Answers, Client, ClientConfig, Counter, KeyFile, Limits, ManagerAddress,
    Outgoing, Sealer, State, Step, System,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    sync::oneshot,
};

/// Of an agent with an address of its own: then a frame of its is one of the manager's as well.
const KEY: &str = "001 node1 127.0.0.1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Messages of one input.
const MESSAGES: usize = 64;

/// Nothing takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));

static KEY_FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("fuzz-client.keys-{}", std::process::id()));
    KeyFile::new(path.clone()).store(&key()).expect("a key file");
    path
});

fn key() -> AgentKey {
    AgentKey::parse(KEY).expect("a key")
}

fuzz_target!(|data: &[u8]| {
    RUNTIME.block_on(async {
        tokio::time::timeout(PATIENCE, talk(data)).await.expect("an end");
    });
});

async fn talk(data: &[u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let client = Client::new(config(port), Events(0), Policies).expect("a configuration");
    let status = client.status();
    let (said, stop) = oneshot::channel::<()>();
    let manager = async {
        let (stream, _) = listener.accept().await.expect("a connection");
        // The agent may go in the middle of it.
        drop(serve(stream, data).await);
        drop((said, listener));
    };
    tokio::join!(client.run(async { drop(stop.await) }), manager);
    let (now, counters) = (status.snapshot(), status.counters());
    assert_eq!(now.state, State::Stopped);
    assert!(counters.frames_received.get() <= MESSAGES as u64 + 1);
    assert!(counters.events_confirmed.get() <= counters.events_sent.get() + counters.events_too_long.get());
    assert!(counters.acknowledgements.get() <= counters.keepalives.get());
}

/// Acknowledges the start, says everything, and listens to the end.
async fn serve(mut stream: TcpStream, data: &[u8]) -> std::io::Result<()> {
    let length = stream.read_u32_le().await?;
    let mut startup = vec![0; length.min(4096) as usize];
    stream.read_exact(&mut startup).await?;
    let (mut sealer, mut out) = (Sealer::new(&key(), Counter::default()), Vec::new());
    sealer.seal(b"#!-agent ack ", &mut out).map_err(std::io::Error::other)?;
    let end = |rest: &[u8]| rest.windows(3).position(|window| window == b"|||");
    let mut rest = data;
    for _ in 0..MESSAGES {
        let (message, after) = rest.split_at(end(rest).unwrap_or(rest.len()));
        sealer.seal(message, &mut out).map_err(std::io::Error::other)?;
        let Some(after) = after.get(3..) else { break };
        rest = after;
    }
    let (mut reader, mut writer) = stream.split();
    let say = async {
        writer.write_all(&out).await?;
        writer.shutdown().await
    };
    let (listened, _said) = tokio::join!(async { copy(&mut reader, &mut sink()).await }, say);
    listened.map(drop)
}

fn config(port: u16) -> ClientConfig {
    ClientConfig {
        managers: vec![ManagerAddress { port, ..ManagerAddress::new("127.0.0.1").expect("an address") }],
        name: "node1".to_owned(),
        version: AgentVersion::default(),
        system: System::default(),
        labels: Vec::new(),
        key_file: KEY_FILE.clone(),
        // The disk is not what is looked at here: messages are numbered by the clock.
        counter_file: Path::new("/nonexistent/sender_counter").into(),
        enrolment: None,
        limits: Limits {
            checkpoint_events: 2,
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(1),
            ..Limits::default()
        },
        clock: || 1_700_000_000,
    }
}

/// A few events, and no more.
struct Events(usize);

impl Outgoing for Events {
    type Event = Vec<u8>;

    async fn next(&mut self) -> Vec<Vec<u8>> {
        if self.0 == 0 {
            self.0 = 5;
            return vec![b"1:rampart:{}".to_vec(); 5];
        }
        future::pending().await
    }

    fn confirm(&mut self, count: usize) {
        assert!(count <= self.0, "what was not given cannot have arrived");
    }

    fn rewind(&mut self) {}

    fn unconfirmed(&self) -> usize {
        self.0
    }
}

/// Has something to say to everything.
struct Policies;

impl Answers for Policies {
    fn sca_dump(&mut self, policy: &str, first: bool) -> Vec<Step> {
        assert!(!policy.is_empty());
        let pause = Step::Pause(Duration::from_millis(u64::from(first)));
        vec![Step::Event(format!("p:sca:{policy}").into_bytes()), pause, Step::Event(b"p:sca:end".to_vec())]
    }

    fn state(&mut self) -> Vec<Vec<u8>> {
        vec![b"p:sca:{}".to_vec()]
    }

    fn request(&mut self, target: &str, command: &[u8]) -> Option<Vec<u8>> {
        (target != "com").then(|| command.to_vec())
    }
}
