//! Whether the bearer of a token may do something.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use crate::{Cluster, Errand, KubernetesError};
use cache::{Cache, Key};
use wire::Token;

mod cache;
mod wire;

/// Longest token that the API server is asked about, in bytes.
const TOKEN: usize = 16 * 1024;

/// Callers that the API server is asked about at once.
const AT_ONCE: usize = 8;

/// How long an answer may take, with the wait for others'.
const LONGEST: Duration = Duration::from_secs(10);

/// What the API server says of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// It may.
    Allowed {
        /// Who it is, as RBAC names it.
        user: String,
    },
    /// It may not.
    Forbidden {
        /// Who it is, as RBAC names it.
        user: String,
        /// Why, for the caller.
        why: String,
    },
    /// It is nobody that the cluster knows.
    Unauthenticated {
        /// Why, for the caller. Never has the token in it.
        why: String,
    },
}

/// Asks the API server whose a token is (TokenReview), and whether they may do something (SubjectAccessReview).
///
/// Answers are remembered, at most 1,024: for 60 s that somebody may, for 10 s that they may not. Eight callers at once are asked
/// about. A token is kept nowhere, but for its hash.
pub struct Reviewer {
    cluster: Cluster,
    audiences: Vec<String>,
    cache: Mutex<Cache>,
    turns: Semaphore,
}

impl fmt::Debug for Reviewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reviewer").field("audiences", &self.audiences).finish_non_exhaustive()
    }
}

impl Reviewer {
    /// Of tokens that are meant for one of these audiences, or where there are none for the API server itself.
    #[must_use]
    pub fn new(cluster: Cluster, audiences: Vec<String>) -> Self {
        Self { cluster, audiences, cache: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }

    /// Whether the bearer of `token` may do `verb` (`get`) with the URL `path`, which is that of no resource. Takes at most 10 s.
    ///
    /// # Errors
    /// [`KubernetesError`] where the API server says neither yes nor no. Then the caller is not to be let in.
    pub async fn review(&self, token: &str, path: &str, verb: &str) -> Result<Review, KubernetesError> {
        let refused = |why: &str| Ok(Review::Unauthenticated { why: why.to_owned() });
        if token.is_empty() {
            return refused("there is no token");
        }
        if token.len() > TOKEN {
            return refused("the token is longer than 16 KiB");
        }
        let key = key(token, path, verb);
        let known = self.cache().get(&key, Instant::now());
        if let Some(review) = known {
            return Ok(review);
        }
        let review = timeout(LONGEST, async {
            let _turn = self.turns.acquire().await.map_err(|_| KubernetesError::Busy)?;
            self.ask(token, path, verb).await
        });
        let review = review.await.map_err(|_| self.late())??;
        self.cache().put(key, review.clone(), Instant::now());
        Ok(review)
    }

    async fn ask(&self, token: &str, path: &str, verb: &str) -> Result<Review, KubernetesError> {
        let token = wire::review_token(&self.cluster, token, &self.audiences).await?;
        match token {
            Token::Of(user) => {
                let access = wire::review_access(&self.cluster, &user, path, verb).await?;
                let user = crate::error::harmless(&user.username);
                Ok(match access {
                    Ok(()) => Review::Allowed { user },
                    Err(why) => Review::Forbidden { user, why },
                })
            }
            Token::Nobodys(why) => Ok(Review::Unauthenticated { why }),
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn late(&self) -> KubernetesError {
        if self.turns.available_permits() == 0 {
            return KubernetesError::Busy;
        }
        let errand = Errand { verb: "create", resource: "tokenreviews.authentication.k8s.io" };
        KubernetesError::Silent { errand, seconds: LONGEST.as_secs() }
    }
}

/// What an answer is remembered by: whoever reads our memory finds no token there.
fn key(token: &str, path: &str, verb: &str) -> Key {
    let mut hash = Context::new(&SHA256);
    for part in [token, path, verb] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut key = Key::default();
    key.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
    key
}
