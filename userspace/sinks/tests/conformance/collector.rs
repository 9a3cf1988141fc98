use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rampart_sinks::syslog::{Config, MESSAGE_BYTES, Syslog};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    certificate::acceptor,
    destination::{Destination, Mood, Trouble},
    gate::{Gate, Way},
};

/// Connections are cut after so many bytes: within the messages.
const CUT: u64 = 10_000;

/// A syslog server, over TLS or not.
#[derive(Debug)]
pub(crate) struct Collector<const TLS: bool> {
    gate: Gate,
    shared: Arc<Shared>,
    certificate: PathBuf,
    _folder: TempDir,
    _server: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Shared {
    is_refusing: AtomicBool,
    arrived: Mutex<Vec<u8>>,
}

impl<const TLS: bool> Destination for Collector<TLS> {
    type Sink = Syslog;
    const TROUBLES: &[Trouble] = if TLS {
        &[
            (Mood::Refusing, Some("closed the connection")),
            (Mood::Unreachable, Some("nobody listens there")),
            (Mood::Stalling, Some("no end of connecting within 1 s")),
            (Mood::Closing, Some("closed the connection")),
        ]
    } else {
        &[
            (Mood::Refusing, Some("closed the connection")),
            (Mood::Unreachable, Some("nobody listens there")),
            (Mood::Closing, Some("closed the connection")),
        ]
    };
    const IS_CHOOSY: bool = false;

    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("ca.pem");
        let acceptor = TLS.then(|| acceptor(&certificate));
        let shared = Arc::<Shared>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Gate::before(listener.local_addr().unwrap()).await;
        let mut server = JoinSet::new();
        server.spawn(serve(listener, acceptor, Arc::clone(&shared)));
        Self { gate, shared, certificate, _folder: folder, _server: server }
    }

    fn sink(&self) -> Syslog {
        let address = self.gate.address().to_string();
        let config = if TLS {
            json!({ "address": address, "timeout_seconds": 1, "tls": { "ca_file": self.certificate } })
        } else {
            json!({ "address": address, "timeout_seconds": 1, "transport": "tcp" })
        };
        serde_json::from_value::<Config>(config).unwrap().build().unwrap()
    }

    async fn set(&mut self, mood: Mood) {
        self.shared.is_refusing.store(mood == Mood::Refusing, Ordering::SeqCst);
        let way = match mood {
            Mood::Well | Mood::Refusing => Way::Open,
            Mood::Unreachable => Way::Shut,
            Mood::Stalling => Way::Stalling,
            Mood::Closing => Way::Cut(CUT),
        };
        self.gate.set(way).await;
    }

    fn arrived(&self) -> Vec<u8> {
        self.shared.arrived.lock().unwrap().clone()
    }

    fn secrets(&self) -> Vec<String> {
        vec!["PRIVATE KEY".to_owned()]
    }
}

async fn serve(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(talk(stream, acceptor.clone(), Arc::clone(&shared)));
    }
}

async fn talk(stream: TcpStream, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // Connections end in all ways here: what counts is what has arrived.
    let _ended = match acceptor {
        None => read(stream, &shared).await,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => read(stream, &shared).await,
            Err(error) => Err(error),
        },
    };
}

async fn read(stream: impl AsyncRead + Unpin, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while !shared.is_refusing.load(Ordering::SeqCst) {
        let mut length = Vec::new();
        if stream.read_until(b' ', &mut length).await? == 0 {
            return Ok(());
        }
        let length = String::from_utf8(length).unwrap();
        let length: usize = length.trim_end_matches(' ').parse().map_err(io::Error::other)?;
        assert!(length <= MESSAGE_BYTES, "{length}");
        let mut message = vec![0; length];
        stream.read_exact(&mut message).await?;
        assert!(message.starts_with(b"<130>1 2026-01-02T03:04:05.000000Z node-1 rampart - "));
        shared.arrived.lock().unwrap().extend(message);
    }
    Ok(())
}
