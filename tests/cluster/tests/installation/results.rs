//! The newest results of scans, for who may see them.

use rampart_cluster::{NAMESPACE, RELEASE};

use serde_json::Value as Json;

use crate::site::Site;

const AUDITORS: &str = "auditors";

/// Who may, and who may not.
const CALLERS: &str = include_str!("results.yaml");

/// A pod with a token of its own to ask by.
const ASKER: &str = include_str!("asker.yaml");

/// Whose token for which audience, and the answer.
const ANSWERS: [(&str, &str, &str); 5] = [
    ("auditor", "rampart", "200"),
    ("auditor", "somebody-else", "401"),
    ("passer-by", "rampart", "403"),
    ("nobody", "", "401"),
    ("forger", "", "401"),
];

#[test]
fn results_are_for_who_may_see_them() {
    let site = Site::get();
    site.agent().scan().unwrap();
    site.kubectl.apply(&CALLERS.replace("{release}", RELEASE)).unwrap();
    for (account, audience, expected) in ANSWERS {
        let token = match account {
            "nobody" => String::new(),
            "forger" => "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhdWRpdG9yIn0.".to_owned(),
            _ => bearer(site, account, audience),
        };
        let answer = ask(site, "https", &token);
        assert!(answer.ends_with(expected), "{account} for {audience}: {answer}");
        assert_eq!(answer.contains("\"policies\""), expected == "200", "{account} for {audience}: {answer}");
    }
}

#[test]
fn no_result_goes_out_in_the_clear() {
    let answer = ask(Site::get(), "http", "");
    assert!(!answer.contains("policies") && !answer.ends_with("200"), "{answer}");
}

#[test]
fn the_token_that_a_pod_is_given_opens_them() {
    let site = Site::get();
    site.agent().scan().unwrap();
    site.kubectl.apply(&CALLERS.replace("{release}", RELEASE)).unwrap();
    site.kubectl.apply(ASKER).unwrap();
    site.kubectl
        .run(&format!("wait --for=condition=Ready pod/asker --namespace={AUDITORS} --timeout=120s"))
        .unwrap();
    // What busybox knows of TLS is too old for us: the request itself is made on the node.
    let token = site.kubectl.run(&format!("exec asker --namespace={AUDITORS} -- cat /token/token")).unwrap();
    let report = document(&ask(site, "https", &format!("Authorization: Bearer {token}")));
    assert_eq!(report["policies"].as_array().unwrap().len(), 7, "{report:#}");
    assert_eq!(report["node"], "rampart-node");
}

/// The document that an auditor gets.
pub(crate) fn newest(site: &Site) -> Json {
    site.kubectl.apply(&CALLERS.replace("{release}", RELEASE)).unwrap();
    document(&ask(site, "https", &bearer(site, "auditor", "rampart")))
}

fn document(answer: &str) -> Json {
    serde_json::from_str(answer.strip_suffix("200").expect(answer)).unwrap()
}

fn bearer(site: &Site, account: &str, audience: &str) -> String {
    let ask = format!("create token {account} --audience={audience} --namespace={AUDITORS}");
    format!("Authorization: Bearer {}", site.kubectl.run(&ask).unwrap())
}

/// What is answered, with the status at its end; the certificate is that of the name, by the authority beside it.
fn ask(site: &Site, scheme: &str, header: &str) -> String {
    let name = format!("{RELEASE}-results.{NAMESPACE}.svc");
    let address = site.agent().address;
    let authority = format!("configmap {RELEASE}-results-ca --namespace={NAMESPACE}");
    let script = format!(
        "authority=$(mktemp --tmpdir=/var)
         kubectl get {authority} --output='jsonpath={{.data.ca\\.crt}}' > $authority
         curl --silent --show-error --max-time 20 --cacert $authority --resolve {name}:9466:{address} \\
             --header \"$HEADER\" --write-out %{{http_code}} {scheme}://{name}:9466/v1/results || true
         rm $authority"
    );
    site.node.run(&format!("HEADER='{header}'\n{script}")).unwrap()
}
