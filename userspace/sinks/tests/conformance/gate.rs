use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, copy},
    net::{TcpListener, TcpSocket, TcpStream},
    select,
    sync::watch,
    task::JoinSet,
};

/// What happens to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// They go through.
    Open,
    /// There are none.
    Shut,
    /// They are taken, and nothing comes of them.
    Stalling,
    /// They end when so many bytes have gone in.
    Cut(u64),
}

/// Stands before a server, at an address that stays.
#[derive(Debug)]
pub(crate) struct Gate {
    address: SocketAddr,
    wanted: watch::Sender<Way>,
    done: watch::Receiver<Way>,
    _keeper: JoinSet<()>,
    /// Keeps the port while nobody listens.
    _reserved: TcpSocket,
}

impl Gate {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let reserved = socket(([127, 0, 0, 1], 0).into());
        let address = reserved.local_addr().unwrap();
        let (wanted, watched) = watch::channel(Way::Open);
        let (told, done) = watch::channel(Way::Shut);
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(address, server, watched, told));
        let gate = Self { address, wanted, done, _keeper: keeper, _reserved: reserved };
        gate.set(Way::Open).await;
        gate
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that there are end.
    pub(crate) async fn set(&self, way: Way) {
        self.wanted.send(way).unwrap();
        self.done.clone().wait_for(|done| *done == way).await.unwrap();
    }
}

fn socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

async fn keep(
    address: SocketAddr,
    server: SocketAddr,
    mut wanted: watch::Receiver<Way>,
    told: watch::Sender<Way>,
) {
    loop {
        let way = *wanted.borrow_and_update();
        let listener = (way != Way::Shut).then(|| socket(address).listen(64).unwrap());
        told.send_replace(way);
        let mut connections = JoinSet::new();
        select! {
            changed = wanted.changed() => if changed.is_err() { return },
            () = accept(listener, server, way, &mut connections) => {}
        }
        connections.shutdown().await;
    }
}

async fn accept(listener: Option<TcpListener>, server: SocketAddr, way: Way, connections: &mut JoinSet<()>) {
    let Some(listener) = listener else { return std::future::pending().await };
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(relay(client, server, way));
    }
}

async fn relay(mut client: TcpStream, server: SocketAddr, way: Way) {
    let limit = match way {
        Way::Open => u64::MAX,
        Way::Cut(bytes) => bytes,
        Way::Shut | Way::Stalling => return std::future::pending().await,
    };
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut from_client = from_client.take(limit);
    select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = copy(&mut from_server, &mut to_client) => {}
    }
}
