//! Scans of a real node's configuration: its checks have real answers, and what somebody breaks turns the checks that are
//! about it and no others.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use rampart_cluster::{Node, Results};
use serde_json::Value as Json;

/// What somebody does to the node or the cluster, and the checks that must fail then, of all policies.
const DEEDS: [(&str, &[u64]); 12] = [
    ("chmod 644 /etc/kubernetes/manifests/kube-scheduler.yaml", &[50301, 70130, 85301]),
    ("chmod 644 /etc/kubernetes/admin.conf", &[70131]),
    ("chmod 644 /etc/kubernetes/pki/apiserver.key", &[60301, 70132]),
    ("chmod 755 /var/lib/etcd", &[70133]),
    ("echo 'readOnlyPort: 10255' >> /var/lib/kubelet/config.yaml", &[70143]),
    (
        "sed -i '/anonymous:/{n;s/false/true/}' /var/lib/kubelet/config.yaml",
        &[50400, 60200, 70140, 80103, 85100],
    ),
    (
        "kubectl create clusterrolebinding mallory --clusterrole=cluster-admin --user=mallory",
        &[50102, 60700, 70150, 80100, 85104],
    ),
    (
        "kubectl create clusterrole peeper --verb=get,list --resource=secrets
         kubectl create clusterrolebinding peeper --clusterrole=peeper --group=everybody",
        &[70151, 80101],
    ),
    ("kubectl create clusterrole anything --verb='*' --resource='*'", &[70152, 85105]),
    ("kubectl run shell --image localhost/busybox:1 --image-pull-policy=Never --command -- sleep 1000
      kubectl wait --for=condition=Ready --timeout=120s pod/shell",
        &[50500, 60100, 70153, 70161, 80500, 85106, 85400],
    ),
    (
        "kubectl run strong --image localhost/busybox:1 --image-pull-policy=Never --privileged --command -- sleep 1000
         kubectl wait --for=condition=Ready --timeout=120s pod/strong",
        &[70160, 90205],
    ),
    (
        "kubectl create secret generic key --from-literal=key=value
         kubectl create -f - <<END
         {apiVersion: v1, kind: Pod, metadata: {name: teller}, spec: {containers: [{name: teller,
           image: 'localhost/busybox:1', imagePullPolicy: Never, command: [sleep, '1000'],
           env: [{name: KEY, valueFrom: {secretKeyRef: {name: key, key: key}}}]}]}}
END
         kubectl wait --for=condition=Ready --timeout=120s pod/teller",
        &[70162],
    ),
];

/// Checks whose result differs, with the new one.
fn turned(before: &Results, after: &Results) -> BTreeMap<u64, String> {
    after
        .iter()
        .filter(|(id, result)| before.get(id) != Some(result))
        .map(|(id, result)| (*id, result.clone()))
        .collect()
}

#[test]
fn what_is_broken_turns_its_checks_and_no_others() {
    let node = Node::find().unwrap();
    let mut before = node.results().unwrap();
    assert_eq!(before.len(), 167, "the node has everything that policies require");
    for (deed, checks) in DEEDS {
        node.run(deed).unwrap();
        let after = node.results().unwrap();
        let expected: BTreeMap<_, _> = checks.iter().map(|id| (*id, "failed".to_owned())).collect();
        assert_eq!(turned(&before, &after), expected, "{deed}");
        before = after;
    }
}

/// Before anything is broken, the node is as kubeadm makes a careful one.
#[test]
fn a_careful_node_has_real_answers() {
    let report = Node::find().unwrap().scan().unwrap();
    let policies = report.pointer("/policies").and_then(Json::as_array).unwrap();
    let kubernetes = policies.iter().find(|policy| policy["id"] == "rampart_cis_kubernetes").unwrap();
    assert_eq!(kubernetes["skipped"], Json::Null);
    let checks = kubernetes["checks"].as_array().unwrap();
    let not_passed: Vec<_> = checks.iter().filter(|check| check["result"] != "passed").collect();
    // The kubelet's configuration as kubeadm leaves it can be read by all.
    let numbers: Vec<_> = not_passed.iter().map(|check| check["id"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [70147], "{not_passed:#?}");
    let evidence = not_passed.first().unwrap().pointer("/evidence/rules/0/observed/0/line/text").unwrap();
    assert_eq!(evidence, "644 root:root /var/lib/kubelet/config.yaml");
}
