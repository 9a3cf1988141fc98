use std::{fmt, path::PathBuf, time::Duration};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use kube::{
    Client, Config,
    client::Body,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::timeout;

use crate::{
    Errand, KubernetesError,
    error::{harmless, reason},
    wire::Text,
};

mod lines;

pub(crate) use lines::Lines;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the API server may take until an answer begins.
const BEGIN: Duration = Duration::from_secs(30);

/// How long a whole answer may take that is not a watch.
const ANSWER: Duration = Duration::from_secs(30);

/// Largest answer that is an error, in bytes.
const ERROR_BYTES: usize = 64 * 1024;

/// How the API server is found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// A file that says where it is and who we are. Without one that is what every pod is given: the service account's token,
    /// which is read again as it is renewed, and the address in the environment.
    pub kubeconfig: Option<PathBuf>,
}

/// The way to a cluster's API server. Clones use the same connections.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cluster")
    }
}

impl Cluster {
    /// Finds out where it is and who we are. Nothing is asked of it yet: it may be away.
    ///
    /// # Errors
    /// [`KubernetesError::NotInCluster`], [`KubernetesError::Kubeconfig`] or [`KubernetesError::Client`] where what is there is
    /// of no use, with what to do.
    pub async fn connect(settings: &Settings) -> Result<Self, KubernetesError> {
        let mut config = match &settings.kubeconfig {
            Some(path) => from_file(path.clone()).await?,
            None => Config::incluster().map_err(|error| KubernetesError::NotInCluster(reason(&error)))?,
        };
        config.connect_timeout = Some(CONNECT);
        // A watch is silent for minutes: each question has its own bounds instead.
        config.read_timeout = None;
        // Whoever asks has pauses of their own.
        config.default_retry = false;
        let client = Client::try_from(config).map_err(|error| KubernetesError::Client(reason(&error)))?;
        Ok(Self { client })
    }

    /// The beginning of an answer that is none but what was hoped for.
    pub(crate) async fn open(
        &self,
        errand: Errand,
        request: Result<Request, kube::core::request::Error>,
    ) -> Result<Body, KubernetesError> {
        let unreachable = |reason| KubernetesError::Unreachable { errand, reason };
        let request = request.map_err(|error| unreachable(reason(&error)))?;
        let answer = timeout(BEGIN, self.client.send(request.map(Body::from))).await;
        let answer =
            answer.map_err(|_| silent(errand, BEGIN))?.map_err(|error| unreachable(reason(&error)))?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            return Ok(body);
        }
        let says = timeout(ANSWER, explanation(body)).await.unwrap_or_default();
        Err(match head.status.as_u16() {
            401 => KubernetesError::Unauthenticated(errand),
            403 => KubernetesError::Forbidden { errand, says },
            code => KubernetesError::Status { errand, code, says },
        })
    }

    /// A whole answer of at most `limit` bytes.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        errand: Errand,
        request: Result<Request, kube::core::request::Error>,
        limit: usize,
    ) -> Result<T, KubernetesError> {
        let body = self.open(errand, request).await?;
        let body = timeout(ANSWER, Limited::new(body, limit).collect()).await;
        let body = body.map_err(|_| silent(errand, ANSWER))?.map_err(|error| {
            if error.is::<LengthLimitError>() {
                KubernetesError::TooLarge { errand, limit }
            } else {
                KubernetesError::Unreachable { errand, reason: reason(&*error) }
            }
        })?;
        serde_json::from_slice(&body.to_bytes())
            .map_err(|error| KubernetesError::not_understood(errand, &error))
    }
}

/// As kube makes them.
pub(crate) type Request = http::Request<Vec<u8>>;

async fn from_file(path: PathBuf) -> Result<Config, KubernetesError> {
    let bad = |reason| KubernetesError::Kubeconfig { path: path.clone(), reason };
    let file = Kubeconfig::read_from(&path).map_err(|error| bad(reason(&error)))?;
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await;
    config.map_err(|error| bad(reason(&error)))
}

fn silent(errand: Errand, waited: Duration) -> KubernetesError {
    KubernetesError::Silent { errand, seconds: waited.as_secs() }
}

/// What the API server says of an error.
async fn explanation(body: Body) -> String {
    #[derive(Deserialize)]
    struct Status {
        #[serde(default)]
        message: Text,
    }
    let Ok(body) = Limited::new(body, ERROR_BYTES).collect().await else { return String::new() };
    let status = serde_json::from_slice::<Status>(&body.to_bytes());
    status.map(|status| harmless(&status.message.text)).unwrap_or_default()
}
