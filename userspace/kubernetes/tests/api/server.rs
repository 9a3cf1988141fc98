//! The API server.

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
};
use futures_util::{StreamExt as _, stream};
use rampart_kubernetes::{Cluster, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};

/// What it answers.
pub(crate) enum Reply {
    /// With that status, and that as JSON.
    Json(u16, Value),
    /// With that, whatever it is.
    Text(String),
    /// These lines, and then nothing more for ever.
    Watch(Vec<Value>),
    /// These lines, and then the end.
    Short(Vec<Value>),
    /// These lines, and then the connection is cut in the middle of a line.
    Cut(Vec<Value>),
    /// Nothing, for ever.
    Hang,
}

/// What it was asked: `list`, `watch`, or the path of anything else; which question of that kind it is, from 0; and the whole.
pub(crate) struct Asked<'a> {
    pub(crate) what: &'a str,
    pub(crate) turn: usize,
    pub(crate) query: &'a str,
    pub(crate) body: &'a str,
}

/// An answer that is made when it is asked for.
pub(crate) type Answer = fn() -> Reply;

type Script = dyn Fn(&Asked<'_>) -> Reply + Send + Sync;

pub(crate) struct Server {
    /// All questions, with queries and bodies.
    asked: Arc<Mutex<Vec<String>>>,
    folder: TempDir,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(&Asked<'_>) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let turns = Arc::<Mutex<BTreeMap<String, usize>>>::default();
        let (script, all): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&asked));
        let answer = move |request: Request| {
            let (script, all, turns) = (Arc::clone(&script), Arc::clone(&all), Arc::clone(&turns));
            async move { answer(request, &*script, &all, &turns).await }
        };
        let mut tasks = JoinSet::new();
        let router = Router::new().fallback(answer);
        tasks.spawn(async { axum::serve(listener, router).await.unwrap() });
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("kubeconfig"), kubeconfig(&address.to_string())).unwrap();
        Self { asked, folder, _tasks: tasks }
    }

    pub(crate) async fn cluster(&self) -> Cluster {
        cluster(self.folder.path().join("kubeconfig")).await
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Those that begin so.
    pub(crate) fn asked_for(&self, what: &str) -> Vec<String> {
        self.asked().into_iter().filter(|asked| asked.starts_with(what)).collect()
    }
}

pub(crate) async fn cluster(kubeconfig: PathBuf) -> Cluster {
    Cluster::connect(&Settings { kubeconfig: Some(kubeconfig) }).await.unwrap()
}

pub(crate) fn kubeconfig(address: &str) -> String {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "u", "user": {"token": "our-own-token"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    })
    .to_string()
}

async fn answer(
    request: Request,
    script: &Script,
    all: &Mutex<Vec<String>>,
    turns: &Mutex<BTreeMap<String, usize>>,
) -> Response {
    let (head, body) = request.into_parts();
    assert_eq!(head.headers["authorization"], "Bearer our-own-token");
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let query = head.uri.query().unwrap_or_default();
    let what = match head.uri.path() {
        "/api/v1/pods" if query.contains("watch=true") => "watch",
        "/api/v1/pods" => "list",
        path => path,
    };
    all.lock().unwrap().push(format!("{what} {query}{body}"));
    let turn = {
        let mut turns = turns.lock().unwrap();
        let turn = turns.entry(what.to_owned()).or_default();
        *turn += 1;
        *turn - 1
    };
    response(script(&Asked { what, turn, query, body: &body })).await
}

async fn response(reply: Reply) -> Response {
    type Piece = io::Result<Bytes>;
    let lines = |lines: Vec<Value>| stream::iter(lines).map(|line| Piece::Ok(format!("{line}\n").into()));
    let body = match reply {
        Reply::Json(status, value) => {
            return Response::builder().status(status).body(Body::from(value.to_string())).unwrap();
        }
        Reply::Text(text) => Body::from(text),
        Reply::Watch(watched) => Body::from_stream(lines(watched).chain(stream::pending())),
        Reply::Short(watched) => Body::from_stream(lines(watched)),
        Reply::Cut(watched) => {
            // What has been written is only sent when there is nothing to do but to wait.
            let cut = stream::once(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(io::Error::other("cut"))
            });
            let half = stream::iter([Ok(Bytes::from_static(b"{\"type\":"))]);
            Body::from_stream(lines(watched).chain(half).chain(cut))
        }
        Reply::Hang => std::future::pending().await,
    };
    Response::new(body)
}

/// An answer of the API server's that is an error.
pub(crate) fn status(code: u16, message: &str) -> Reply {
    Reply::Json(code, json!({"kind": "Status", "status": "Failure", "code": code, "message": message}))
}

/// A list that ends here, of that version.
pub(crate) fn list(version: &str, pods: &[Value]) -> Reply {
    Reply::Json(200, json!({"kind": "PodList", "metadata": {"resourceVersion": version}, "items": pods}))
}

/// A line of a watch.
pub(crate) fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}

/// A pod of that name, which is its UID as well, with one container, as of that version.
pub(crate) fn pod(name: &str, version: &str) -> Value {
    json!({
        "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": version, "labels": {"tier": name}},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "image"}]},
        "status": {"containerStatuses": [{"name": "main", "containerID": format!("containerd://{name}-{version}")}]},
    })
}

/// The same, controlled by something whose UID is its name.
pub(crate) fn owned(pod: &Value, version: &str, kind: &str, name: &str) -> Value {
    let mut pod = pod.clone();
    pod["metadata"]["ownerReferences"] = json!([
        {"apiVersion": version, "kind": kind, "name": name, "uid": name, "controller": true},
    ]);
    pod
}

pub(crate) fn bookmark(version: &str) -> Value {
    event("BOOKMARK", &json!({"kind": "Pod", "metadata": {"resourceVersion": version}}))
}
