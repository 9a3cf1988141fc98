use anyhow::Context as _;
use rampart_api::{Admission, Gate};
use rampart_kubernetes::{Cluster, Review, Reviewer, Settings};

/// What a caller must be allowed to do with the path.
const VERB: &str = "get";

/// Lets in whom the API server knows and RBAC allows.
#[derive(Debug)]
pub(crate) struct ReviewGate {
    reviewer: Reviewer,
}

impl ReviewGate {
    /// # Errors
    /// When it is not known where the API server is.
    pub(crate) async fn connect(settings: &Settings, audiences: &[String]) -> anyhow::Result<Self> {
        let cluster = Cluster::connect(settings).await.context("results: nobody to ask about callers")?;
        Ok(Self { reviewer: Reviewer::new(cluster, audiences.to_vec()) })
    }
}

impl Gate for ReviewGate {
    async fn admit(&self, token: &str, path: &str) -> Admission {
        match self.reviewer.review(token, path, VERB).await {
            Ok(Review::Allowed { user }) => Admission::Allowed { user },
            Ok(Review::Forbidden { user, why }) => Admission::Forbidden { user, why },
            Ok(Review::Unauthenticated { why }) => Admission::Unauthenticated { why },
            Err(error) => Admission::Undecided { why: error.to_string() },
        }
    }
}
