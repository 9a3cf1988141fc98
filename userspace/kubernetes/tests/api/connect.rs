//! How the API server is found.

use rampart_kubernetes::{Cluster, Settings};

#[tokio::test]
async fn what_cannot_be_used_is_named_with_what_to_do() {
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let token = crate::server::kubeconfig("127.0.0.1:1")
        .replace("\"token\":\"our-own-token\"", "\"tokenFile\":\"/nowhere\"");
    for (kubeconfig, expected) in [
        (None, "run it as one, with automountServiceAccountToken"),
        (Some(folder.path().join("missing")), "missing\" cannot be used: No such file"),
        (Some(write("garbage", "{")), "garbage\" cannot be used"),
        (Some(write("empty", "")), "empty\" cannot be used"),
        (Some(write("no-token", &token)), "are the service account's token and ca.crt readable?"),
    ] {
        let error = Cluster::connect(&Settings { kubeconfig }).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
