//! Who a caller is, and what they may.

use rampart_kubernetes::{Review, Reviewer};
use serde_json::{Value, json};

use crate::server::{Answer, Asked, Reply, Server, status};

const TOKENS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
const ACCESSES: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// A server that says that of every token and every access.
async fn server(token: Value, access: Value) -> Server {
    Server::start(move |asked: &Asked<'_>| match asked.what {
        TOKENS => {
            // As the API server does, it repeats the question.
            let mut answer: Value = serde_json::from_str(asked.body).unwrap();
            answer["status"] = token.clone();
            Reply::Json(201, answer)
        }
        ACCESSES => Reply::Json(201, json!({"status": access})),
        _ => status(404, ""),
    })
    .await
}

async fn reviewer(server: &Server, audiences: &[&str]) -> Reviewer {
    let audiences = audiences.iter().map(|audience| (*audience).to_owned()).collect();
    Reviewer::new(server.cluster().await, audiences)
}

fn known(audiences: &[&str]) -> Value {
    let user = json!({
        "username": "system:serviceaccount:a:b",
        "uid": "u-1",
        "groups": ["system:authenticated", "g"],
        "extra": {"authentication.kubernetes.io/pod-name": ["p"]},
    });
    json!({"authenticated": true, "user": user, "audiences": audiences})
}

#[tokio::test]
async fn a_caller_is_let_in_by_all_of_token_audience_and_rbac() {
    let may = || json!({"allowed": true});
    for (name, audiences, token, access, expected) in [
        ("all is well", &["rampart"][..], known(&["rampart"]), may(), "Allowed"),
        ("one of ours", &["x", "rampart"], known(&["y", "rampart"]), may(), "Allowed"),
        ("no audience asked for", &[], known(&[]), may(), "Allowed"),
        (
            "another audience",
            &["rampart"],
            known(&["https://kubernetes"]),
            may(),
            "not meant for us: its audience must be rampart",
        ),
        ("no audience told", &["rampart"], known(&[]), may(), "not meant for us"),
        (
            "unknown",
            &["rampart"],
            json!({"authenticated": false, "error": "s3cret?"}),
            may(),
            "does not know the token",
        ),
        ("nothing said", &["rampart"], json!({}), may(), "does not know the token"),
        ("no status", &["rampart"], json!(null), may(), "does not know the token"),
        (
            "nobody",
            &["rampart"],
            json!({"authenticated": true, "audiences": ["rampart"], "user": {}}),
            may(),
            "does not know the token",
        ),
        (
            "no",
            &["rampart"],
            known(&["rampart"]),
            json!({"allowed": false, "reason": "no rule"}),
            "`get` on the nonResourceURL `/v1/results` (no rule)",
        ),
        (
            "denied",
            &["rampart"],
            known(&["rampart"]),
            json!({"allowed": true, "denied": true}),
            "must allow `get`",
        ),
        ("nothing said of access", &["rampart"], known(&["rampart"]), json!({}), "must allow `get`"),
    ] {
        let server = server(token, access).await;
        let review = reviewer(&server, audiences).await.review("s3cret", "/v1/results", "get").await.unwrap();
        let text = format!("{review:?}");
        assert!(text.contains(expected) && !text.contains("s3cret"), "{name}: {text}");
        let is_known = matches!(review, Review::Allowed { .. } | Review::Forbidden { .. });
        assert_eq!(server.asked_for(ACCESSES).len(), usize::from(is_known), "{name}");
    }
}

#[tokio::test]
async fn rbac_is_asked_about_all_that_is_known_of_a_caller() {
    let server = server(known(&["rampart"]), json!({"allowed": true})).await;
    reviewer(&server, &["rampart"]).await.review("s3cret", "/v1/results", "get").await.unwrap();
    let body = |path: &str| -> Value {
        let asked = server.asked_for(path).remove(0);
        serde_json::from_str(asked.strip_prefix(path).unwrap()).unwrap()
    };
    assert_eq!(body(TOKENS)["spec"], json!({"token": "s3cret", "audiences": ["rampart"]}));
    let expected = json!({
        "user": "system:serviceaccount:a:b",
        "uid": "u-1",
        "groups": ["system:authenticated", "g"],
        "extra": {"authentication.kubernetes.io/pod-name": ["p"]},
        "nonResourceAttributes": {"path": "/v1/results", "verb": "get"},
    });
    assert_eq!(body(ACCESSES)["spec"], expected);
}

#[tokio::test]
async fn the_same_question_is_asked_once_and_some_never() {
    let server = server(known(&["rampart"]), json!({"allowed": true})).await;
    let reviewer = reviewer(&server, &["rampart"]).await;
    let longest = "x".repeat(16 * 1024);
    let long = format!("{longest}x");
    for (token, path, asked) in [
        ("a", "/v1/results", 1),
        ("a", "/v1/results", 1),
        ("a", "/v1/other", 2),
        ("b", "/v1/results", 3),
        ("a", "/v1/results", 3),
        ("", "/v1/results", 3),
        (&long, "/v1/results", 3),
        (&longest, "/v1/results", 4),
    ] {
        let review = reviewer.review(token, path, "get").await.unwrap();
        let is_asked = !token.is_empty() && token.len() <= 16 * 1024;
        assert_eq!(matches!(review, Review::Allowed { .. }), is_asked, "{review:?}");
        assert_eq!(server.asked_for(TOKENS).len(), asked, "{path}");
    }
}

#[tokio::test]
async fn an_api_server_that_does_not_answer_lets_nobody_in_and_is_asked_again() {
    let cases: [(Answer, &str); 4] = [
        (|| status(403, "no"), "must allow `create` on `tokenreviews.authentication.k8s.io`"),
        (|| status(500, ""), "answers 500"),
        (
            || {
                Reply::Text(
                    "{\"spec\": {\"token\": \"s3cret\"}, \"status\": {\"user\": \"s3cret\"}}".to_owned(),
                )
            },
            "cannot be understood",
        ),
        (|| Reply::Text("x".repeat(2 << 20)), "larger than 1048576 bytes"),
    ];
    for (reply, expected) in cases {
        let server = Server::start(move |_: &Asked<'_>| reply()).await;
        let reviewer = reviewer(&server, &["rampart"]).await;
        for _ in 0..2 {
            let error = reviewer.review("s3cret", "/v1/results", "get").await.unwrap_err();
            let text = format!("{error} {error:?} {reviewer:?}");
            assert!(text.contains(expected) && !text.contains("s3cret"), "{text}");
        }
        assert_eq!(server.asked_for(TOKENS).len(), 2);
    }
}
