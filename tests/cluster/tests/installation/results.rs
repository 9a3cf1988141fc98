//! The newest results of scans, for who may see them.

use rampart_cluster::{NAMESPACE, RELEASE};

use crate::site::Site;

const AUDITORS: &str = "auditors";

/// Who may, who may not, and a pod that asks by its own token.
const CALLERS: &str = include_str!("results.yaml");

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
    site.kubectl.fresh_namespace(AUDITORS).unwrap();
    site.kubectl.apply(&CALLERS.replace("{release}", RELEASE)).unwrap();
    for (account, audience, expected) in ANSWERS {
        let token = match account {
            "nobody" => String::new(),
            "forger" => "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhdWRpdG9yIn0.".to_owned(),
            _ => {
                let ask = format!("create token {account} --audience={audience} --namespace={AUDITORS}");
                format!("Authorization: Bearer {}", site.kubectl.run(&ask).unwrap())
            }
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
fn a_pod_asks_by_its_projected_token() {
    let site = Site::get();
    site.kubectl.fresh_namespace(AUDITORS).unwrap();
    site.kubectl.apply(&CALLERS.replace("{release}", RELEASE)).unwrap();
    let wait = format!(
        "wait --for=jsonpath={{.status.phase}}=Succeeded pod/asker --namespace={AUDITORS} --timeout=120s"
    );
    site.kubectl.run(&wait).unwrap();
    let report = site.kubectl.run(&format!("logs asker --namespace={AUDITORS}")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["policies"].as_array().unwrap().len(), 7, "{report:#}");
    assert_eq!(report["node"], "rampart-node");
}

/// What is answered, with the status at its end; the certificate is that of the name, by the authority beside it.
fn ask(site: &Site, scheme: &str, header: &str) -> String {
    let name = format!("{RELEASE}-results.{NAMESPACE}.svc");
    let address = site.agent().address;
    let authority = format!("configmap {RELEASE}-results-ca --namespace={NAMESPACE}");
    let script = format!(
        "kubectl get {authority} --output='jsonpath={{.data.ca\\.crt}}' > /tmp/results-authority
         curl --silent --show-error --max-time 20 --cacert /tmp/results-authority --resolve {name}:9466:{address} \\
             --header \"$HEADER\" --write-out %{{http_code}} {scheme}://{name}:9466/v1/results || true"
    );
    site.node.run(&format!("HEADER='{header}'\n{script}")).unwrap()
}
