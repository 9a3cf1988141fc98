use std::{error::Error, fmt, path::PathBuf};

/// Longest text of the API server's that is repeated, in bytes.
const TOLD: usize = 300;

/// What was asked of the API server, in the words of RBAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand {
    /// `list`, `watch`, `get` or `create`.
    pub verb: &'static str,
    /// The resource, with its group where it has one: `replicasets.apps`.
    pub resource: &'static str,
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)
    }
}

/// What goes wrong between us and the API server, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesError {
    /// There is no service account here.
    #[error(
        "this is no pod with a service account ({0}): run it as one, with automountServiceAccountToken, or give \
         `kubernetes.kubeconfig`"
    )]
    NotInCluster(String),
    /// The file that says where the API server is cannot be used.
    #[error("kubeconfig {path:?} cannot be used: {reason}")]
    Kubeconfig {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No connection can be made of what is there: the token or the authority's certificate cannot be read.
    #[error(
        "no client can be made for the API server: {0}; are the service account's token and ca.crt readable?"
    )]
    Client(String),
    /// Nobody answers.
    #[error("the API server cannot be reached to {errand}: {reason}")]
    Unreachable {
        /// What for.
        errand: Errand,
        /// Why.
        reason: String,
    },
    /// There is somebody, but no answer, or no more of it.
    #[error("the API server has said nothing for {seconds} s when asked to {errand}")]
    Silent {
        /// What it was asked.
        errand: Errand,
        /// How long we have waited.
        seconds: u64,
    },
    /// It does not know who we are.
    #[error("the API server does not accept our token (401) to {0}: is the service account still there?")]
    Unauthenticated(Errand),
    /// We may not.
    #[error(
        "RBAC does not allow us to {errand}: a ClusterRole of the agent's service account must allow `{}` on `{}`{}",
        errand.verb, errand.resource, answer(says)
    )]
    Forbidden {
        /// What.
        errand: Errand,
        /// In its own words; may be empty.
        says: String,
    },
    /// Another answer than was hoped for.
    #[error("the API server answers {code} when asked to {errand}{}", answer(says))]
    Status {
        /// What it was asked.
        errand: Errand,
        /// HTTP's status.
        code: u16,
        /// In its own words; may be empty.
        says: String,
    },
    /// The answer is none.
    #[error("what the API server answers when asked to {errand} cannot be understood: {reason}")]
    NotUnderstood {
        /// What it was asked.
        errand: Errand,
        /// Where it ends to make sense. Never a part of the answer: that may be secret.
        reason: String,
    },
    /// The answer is larger than we take.
    #[error("what the API server answers when asked to {errand} is larger than {limit} bytes")]
    TooLarge {
        /// What it was asked.
        errand: Errand,
        /// The bound.
        limit: usize,
    },
    /// Too many questions at once.
    #[error("too many callers are being asked about: try again")]
    Busy,
    /// A label that no pod can have.
    #[error(
        "`{0}` is no label's name: write one such as app.kubernetes.io/name, or a prefix such as app.kubernetes.io/*"
    )]
    Label(String),
    /// More labels than are taken.
    #[error("{0} labels are too many: at most {most} can be chosen", most = crate::labels::LABELS)]
    Labels(usize),
}

fn answer(says: &str) -> String {
    if says.is_empty() { String::new() } else { format!(" (it says: {says})") }
}

impl KubernetesError {
    /// HTTP's status, where there was an answer.
    pub(crate) const fn code(&self) -> Option<u16> {
        match self {
            Self::Unauthenticated(_) => Some(401),
            Self::Forbidden { .. } => Some(403),
            Self::Status { code, .. } => Some(*code),
            _ => None,
        }
    }

    pub(crate) fn not_understood(errand: Errand, error: &serde_json::Error) -> Self {
        // The error's own text may quote the answer, and an answer about a token has the token in it.
        let reason =
            format!("{:?} error in line {}, column {}", error.classify(), error.line(), error.column());
        Self::NotUnderstood { errand, reason }
    }
}

/// The innermost reason: those around it say no more than that something was asked.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    harmless(&innermost.to_string())
}

/// A text of somebody else's, cut and without what moves a terminal's cursor.
pub(crate) fn harmless(text: &str) -> String {
    let text = text.get(..text.floor_char_boundary(TOLD)).unwrap_or_default();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
