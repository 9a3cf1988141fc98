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

#[cfg(test)]
mod tests {
    use axum::{Router, body::Bytes, http::StatusCode, routing::post};
    use serde_json::{Value, json};
    use tokio::{net::TcpListener, task::JoinSet};

    use super::*;

    /// An API server that knows two service accounts, one of which may get the results.
    async fn review_token(question: Bytes) -> (StatusCode, String) {
        let question: Value = serde_json::from_slice(&question).unwrap();
        assert_eq!(question["spec"]["audiences"], json!(["rampart"]));
        let status = match question["spec"]["token"].as_str().unwrap() {
            name @ ("reader" | "other") => {
                json!({"authenticated": true, "user": {"username": name}, "audiences": ["rampart"]})
            }
            "elsewhere" => {
                json!({"authenticated": true, "user": {"username": "reader"}, "audiences": ["kube"]})
            }
            "broken" => return (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
            _ => json!({"authenticated": false}),
        };
        (StatusCode::CREATED, json!({ "status": status }).to_string())
    }

    async fn review_access(question: Bytes) -> (StatusCode, String) {
        let question: Value = serde_json::from_slice(&question).unwrap();
        let asked = json!({"path": "/v1/results", "verb": "get"});
        assert_eq!(question["spec"]["nonResourceAttributes"], asked);
        let allowed = question["spec"]["user"] == "reader";
        (StatusCode::CREATED, json!({"status": {"allowed": allowed}}).to_string())
    }

    #[tokio::test]
    async fn whom_the_cluster_allows_is_let_in() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        let server = format!("http://{}", listener.local_addr().unwrap());
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "users": [{"name": "c", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        });
        std::fs::write(&kubeconfig, config.to_string()).unwrap();
        let router = Router::new()
            .route("/apis/authentication.k8s.io/v1/tokenreviews", post(review_token))
            .route("/apis/authorization.k8s.io/v1/subjectaccessreviews", post(review_access));
        let mut api_server = JoinSet::new();
        api_server.spawn(async move { axum::serve(listener, router).await });
        let settings = Settings { kubeconfig: Some(kubeconfig) };
        let gate = ReviewGate::connect(&settings, &["rampart".to_owned()]).await.unwrap();
        for (token, expected) in [
            ("reader", "Allowed { user: \"reader\" }"),
            ("other", "Forbidden { user: \"other\""),
            ("stranger", "Unauthenticated"),
            ("elsewhere", "Unauthenticated"),
            ("broken", "Undecided"),
        ] {
            let admission = format!("{:?}", gate.admit(token, rampart_api::PATH).await);
            assert!(admission.starts_with(expected), "{token}: {admission}");
        }
        api_server.shutdown().await;
        let admission = gate.admit("new", rampart_api::PATH).await;
        assert!(matches!(admission, Admission::Undecided { .. }), "{admission:?}");
        assert!(
            matches!(gate.admit("reader", rampart_api::PATH).await, Admission::Allowed { .. }),
            "remembered"
        );
    }

    #[tokio::test]
    async fn without_an_api_server_there_is_no_gate() {
        let settings = Settings { kubeconfig: Some("/nowhere/kubeconfig".into()) };
        let error = ReviewGate::connect(&settings, &["rampart".to_owned()]).await.unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/kubeconfig"), "{error:#}");
    }
}
