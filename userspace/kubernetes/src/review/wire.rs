use std::collections::BTreeMap;

use kube::{api::PostParams, core::Request};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    Cluster, Errand, KubernetesError,
    error::harmless,
    wire::{Part, Text},
};

const TOKENS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
const ACCESSES: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const REVIEW_TOKEN: Errand = Errand { verb: "create", resource: "tokenreviews.authentication.k8s.io" };
const REVIEW_ACCESS: Errand =
    Errand { verb: "create", resource: "subjectaccessreviews.authorization.k8s.io" };

/// Largest answer, in bytes. It repeats the question, and names a user's groups.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Whose a token is.
pub(super) enum Token {
    Of(User),
    /// And why.
    Nobodys(String),
}

/// A user, whole: whoever has lost a group may be allowed what the group is not.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) username: String,
    uid: Option<String>,
    groups: Option<Vec<String>>,
    extra: Option<BTreeMap<String, Option<Vec<String>>>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de> + Default"))]
struct Answer<T> {
    #[serde(default)]
    status: Part<T>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenStatus {
    authenticated: Option<bool>,
    audiences: Option<Vec<String>>,
    user: User,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AccessStatus {
    allowed: Option<bool>,
    denied: Option<bool>,
    reason: Text,
    evaluation_error: Text,
}

/// Asks whose a token is.
pub(super) async fn review_token(
    cluster: &Cluster,
    token: &str,
    audiences: &[String],
) -> Result<Token, KubernetesError> {
    let question = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "spec": {"token": token, "audiences": audiences},
    });
    let status: TokenStatus = ask(cluster, REVIEW_TOKEN, TOKENS, &question).await?;
    let nobodys = |why: &str| Ok(Token::Nobodys(why.to_owned()));
    if status.authenticated != Some(true) || status.user.username.is_empty() {
        // Its own words may be about what is in the token.
        return nobodys("the cluster does not know the token, or it has expired");
    }
    // An API server that knows nothing of audiences names none: then the token is meant for the API server, not for us.
    let meant_for = status.audiences.unwrap_or_default();
    if !audiences.is_empty() && !meant_for.iter().any(|audience| audiences.contains(audience)) {
        return nobodys(&format!(
            "the token is not meant for us: its audience must be {}",
            audiences.join(" or ")
        ));
    }
    Ok(Token::Of(status.user))
}

/// Asks whether a user may, or else why not.
pub(super) async fn review_access(
    cluster: &Cluster,
    user: &User,
    path: &str,
    verb: &str,
) -> Result<Result<(), String>, KubernetesError> {
    let question = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": user.username,
            "uid": user.uid,
            "groups": user.groups,
            "extra": user.extra,
            "nonResourceAttributes": {"path": path, "verb": verb},
        },
    });
    let status: AccessStatus = ask(cluster, REVIEW_ACCESS, ACCESSES, &question).await?;
    if status.allowed == Some(true) && status.denied != Some(true) {
        return Ok(Ok(()));
    }
    let said = [status.reason, status.evaluation_error].map(|text| harmless(&text.text));
    let said = said.into_iter().find(|text| !text.is_empty()).map(|text| format!(" ({text})"));
    Ok(Err(format!(
        "a ClusterRole must allow `{verb}` on the nonResourceURL `{path}`{}",
        said.unwrap_or_default()
    )))
}

async fn ask<T: DeserializeOwned + Default>(
    cluster: &Cluster,
    errand: Errand,
    path: &str,
    question: &serde_json::Value,
) -> Result<T, KubernetesError> {
    let question =
        serde_json::to_vec(question).map_err(|error| KubernetesError::not_understood(errand, &error))?;
    let request = Request::new(path).create(&PostParams::default(), question);
    let answer: Answer<T> = cluster.ask(errand, request, ANSWER_BYTES).await?;
    Ok(answer.status.0)
}
