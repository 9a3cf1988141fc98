use std::{mem, sync::Arc, time::Duration};

use kube::{
    api::{ListParams, WatchParams},
    core::Request,
};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use super::WatchState;
use crate::{
    Cluster, Errand, KubernetesError,
    cluster::Lines,
    pause::{Pause, spread},
    wire::{Part, Pod, PodPage, Text},
};

const PATH: &str = "/api/v1/pods";
const LIST: Errand = Errand { verb: "list", resource: "pods" };
const WATCH: Errand = Errand { verb: "watch", resource: "pods" };

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Longest pause more before a list that is begun anew: when the API server cannot go on, it tells all nodes so at once, and a list
/// is the dearest question.
const RELIST: Duration = Duration::from_secs(2);

/// Pods in a page of a list. A page that is too large is asked for again in halves.
const PAGE: u32 = 32;

/// Largest page of more than one pod, in bytes.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Largest pod, in bytes of JSON. The API server takes 3 MiB, and may write some characters in six.
const POD_BYTES: usize = 12 * 1024 * 1024;

/// How long the API server is asked to go on with a watch, in seconds: between these, so that nodes do not come all at once.
const SHORTEST_WATCH: u32 = 240;
const LONGEST_WATCH: u32 = 290;

/// How much longer than that we wait for it to end the watch.
const GRACE: Duration = Duration::from_secs(10);

/// The longest silence of a watch that has bookmarks: there is about one a minute.
const BOOKMARK: Duration = Duration::from_secs(150);

/// A watch that ends before is an error: one that ends at once would be begun again and again.
const SOON: Duration = Duration::from_secs(5);

/// What the API server tells.
#[derive(Debug)]
pub(super) enum News {
    /// A list begins.
    Begun,
    /// Some of it.
    Page(Vec<Part<Pod>>),
    /// It is complete.
    Complete,
    /// A pod is new, or another than it was.
    Changed(Pod),
    /// A pod is gone.
    Removed(Pod),
}

/// The list of the pods of a node, and what has changed since, over all outages.
pub(super) struct Feed {
    cluster: Cluster,
    selector: String,
    state: Arc<WatchState>,
    pause: Pause,
    page: u32,
    phase: Phase,
}

enum Phase {
    /// Nothing is known.
    Begin,
    /// There are more pages, from here on.
    Listing(Option<String>),
    /// All pages are there, as of this version.
    Listed(String),
    /// To be watched from this version on.
    Resume(String),
    /// A watch is under way.
    Watching(Watch),
}

struct Watch {
    version: String,
    lines: Lines,
    since: Instant,
    /// The longest silence.
    limit: Duration,
}

impl Feed {
    pub(super) fn new(cluster: Cluster, node: &str, state: Arc<WatchState>) -> Self {
        Self {
            cluster,
            selector: format!("spec.nodeName={}", escape(node)),
            state,
            pause: Pause::new(FIRST_PAUSE, LONGEST_PAUSE),
            page: PAGE,
            phase: Phase::Begin,
        }
    }

    /// What comes next. Waits as long as it takes.
    pub(super) async fn next(&mut self) -> News {
        loop {
            let was_watched = matches!(self.phase, Phase::Resume(_) | Phase::Watching(_));
            match self.step().await {
                Ok(Some(news)) => return news,
                Ok(None) => {}
                Err(error) => {
                    self.state.add_error(&error);
                    let is_relisted = was_watched && matches!(self.phase, Phase::Begin);
                    let more = if is_relisted { spread(RELIST) } else { Duration::ZERO };
                    sleep(self.pause.next() + more).await;
                }
            }
        }
    }

    /// One step on the way. After an error the phase is the one to go on with.
    async fn step(&mut self) -> Result<Option<News>, KubernetesError> {
        match mem::replace(&mut self.phase, Phase::Begin) {
            Phase::Begin => {
                self.phase = Phase::Listing(None);
                Ok(Some(News::Begun))
            }
            Phase::Listing(continuation) => self.list(continuation).await,
            Phase::Listed(version) => {
                self.phase = Phase::Resume(version);
                Ok(Some(News::Complete))
            }
            Phase::Resume(version) => self.watch(version).await,
            Phase::Watching(watch) => self.hear(watch).await,
        }
    }

    async fn list(&mut self, continuation: Option<String>) -> Result<Option<News>, KubernetesError> {
        let parameters = ListParams {
            field_selector: Some(self.selector.clone()),
            limit: Some(self.page),
            continue_token: continuation.clone(),
            ..ListParams::default()
        };
        let limit = if self.page > 1 { PAGE_BYTES } else { POD_BYTES };
        let page: PodPage = match self.cluster.ask(LIST, Request::new(PATH).list(&parameters), limit).await {
            Err(KubernetesError::TooLarge { .. }) if self.page > 1 => {
                self.page /= 2;
                self.phase = Phase::Listing(continuation);
                return Ok(None);
            }
            page => page?,
        };
        let metadata = page.metadata.0;
        let more = metadata.continuation.filter(|continuation| !continuation.is_empty());
        self.phase = match (more, metadata.resource_version.whole()) {
            (Some(more), _) => Phase::Listing(Some(more)),
            (None, Some(version)) => {
                self.page = PAGE;
                Phase::Listed(version.to_owned())
            }
            (None, None) => return Err(nonsense(LIST, "the list has no version")),
        };
        Ok(Some(News::Page(page.items.items)))
    }

    async fn watch(&mut self, version: String) -> Result<Option<News>, KubernetesError> {
        let seconds = fastrand::u32(SHORTEST_WATCH..=LONGEST_WATCH);
        let parameters = WatchParams {
            field_selector: Some(self.selector.clone()),
            timeout: Some(seconds),
            bookmarks: true,
            ..WatchParams::default()
        };
        let request = Request::new(PATH).watch(&parameters, &version);
        let body = match self.cluster.open(WATCH, request).await {
            Ok(body) => body,
            Err(error) => {
                // Anything else that it says of the version would be said again.
                if matches!(error.code(), None | Some(401 | 403 | 429 | 500..)) {
                    self.phase = Phase::Resume(version);
                }
                return Err(error);
            }
        };
        self.state.begin();
        let limit = Duration::from_secs(seconds.into()) + GRACE;
        let lines = Lines::new(WATCH, body, POD_BYTES);
        self.phase = Phase::Watching(Watch { version, lines, since: Instant::now(), limit });
        Ok(None)
    }

    async fn hear(&mut self, mut watch: Watch) -> Result<Option<News>, KubernetesError> {
        let line = match timeout(watch.limit, watch.lines.next()).await {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None)) => {
                self.phase = Phase::Resume(watch.version);
                if watch.since.elapsed() < SOON {
                    return Err(nonsense(WATCH, "it ends at once"));
                }
                self.pause.reset();
                return Ok(None);
            }
            // What is too large is left out by a list that is begun anew.
            Ok(Err(error @ KubernetesError::TooLarge { .. })) => return Err(error),
            Ok(Err(error)) => {
                self.phase = Phase::Resume(watch.version);
                return Err(error);
            }
            Err(_) => {
                self.phase = Phase::Resume(watch.version);
                return Err(KubernetesError::Silent { errand: WATCH, seconds: watch.limit.as_secs() });
            }
        };
        let heard = match understand(&line) {
            Ok(heard) => heard,
            Err(error) => {
                // It has too much to do, or is being stopped: nothing is wrong with the version.
                if matches!(error.code(), Some(429 | 500..)) {
                    self.phase = Phase::Resume(watch.version);
                }
                return Err(error);
            }
        };
        self.pause.reset();
        watch.version = heard.version;
        if heard.is_bookmark {
            watch.limit = watch.limit.min(BOOKMARK);
        }
        self.phase = Phase::Watching(watch);
        Ok(heard.news)
    }
}

/// What a line of a watch tells.
struct Heard {
    news: Option<News>,
    /// The version to go on from.
    version: String,
    is_bookmark: bool,
}

fn understand(line: &[u8]) -> Result<Heard, KubernetesError> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "type")]
        kind: Text,
        #[serde(default)]
        object: Part<Pod>,
    }
    let line: Line =
        serde_json::from_slice(line).map_err(|error| KubernetesError::not_understood(WATCH, &error))?;
    let pod = line.object.0;
    if &*line.kind.text == "ERROR" {
        let code = u16::try_from(pod.code.0).unwrap_or_default();
        return Err(KubernetesError::Status {
            errand: WATCH,
            code,
            says: crate::error::harmless(&pod.message.text),
        });
    }
    let Some(version) = pod.metadata.0.resource_version.whole() else {
        return Err(nonsense(WATCH, "what it tells of has no version"));
    };
    let (version, is_bookmark) = (version.to_owned(), &*line.kind.text == "BOOKMARK");
    let news = match &*line.kind.text {
        "ADDED" | "MODIFIED" => Some(News::Changed(pod)),
        "DELETED" => Some(News::Removed(pod)),
        // Bookmarks, and what later versions may tell.
        _ => None,
    };
    Ok(Heard { news, version, is_bookmark })
}

fn nonsense(errand: Errand, reason: &str) -> KubernetesError {
    KubernetesError::NotUnderstood { errand, reason: reason.to_owned() }
}

/// A value within a field selector.
fn escape(value: &str) -> String {
    value.chars().fold(String::new(), |mut escaped, c| {
        if matches!(c, '\\' | ',' | '=') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}
