//! The ordinary life of a cluster, of which nothing is told that anybody has to look at.

use std::time::{Duration, Instant};

use rampart_cluster::{Finding, Kubectl, is_full};

use crate::{site::Site, workload::NAMESPACE};

const WORKLOADS: &str = include_str!("life.yaml");

/// What administrators do, over and over: lines of kubectl in the namespace. `{pod}` is a pod of the shop.
const WORK: [&str; 16] = [
    "rollout restart deployment/shop",
    "rollout status deployment/shop --timeout=120s",
    "exec {pod} --container=server -- id",
    "exec {pod} --container=server -- sh -c ls",
    "logs {pod} --container=server",
    "get pods --output=wide",
    "scale deployment/shop --replicas=3",
    "rollout status deployment/shop --timeout=120s",
    "cp {folder}/notes {pod}:/tmp/notes --container=server",
    "cp {pod}:/tmp/notes {folder}/back --container=server",
    "debug {pod} --image=localhost/busybox:1 --image-pull-policy=Never --container=look-{number} -- true",
    "create configmap note-{number} --from-literal=a=b",
    "rollout restart daemonset/reader",
    "scale deployment/shop --replicas=2",
    "rollout status deployment/shop --timeout=120s",
    "delete configmap note-{number}",
];

#[test]
fn ordinary_life_makes_nobody_look() {
    let site = Site::get();
    let kubectl = &site.kubectl;
    kubectl.fresh_namespace(NAMESPACE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes"), "nothing\n").unwrap();
    let mark = site.managers.mark();
    kubectl.apply(WORKLOADS).unwrap();
    rollout(kubectl);
    let span = if is_full() { Duration::from_mins(10) } else { Duration::from_mins(1) };
    let (begin, mut rounds) = (Instant::now(), 0);
    while rounds == 0 || begin.elapsed() < span {
        rounds += 1;
        work(kubectl, folder.path().to_str().unwrap(), rounds);
        forward(kubectl);
        let image = std::env::var("RAMPART_IMAGE").unwrap();
        let import = "ctr --address /run/containerd/containerd.sock --namespace k8s.io images import";
        site.node.run(&format!("{import} {image}")).unwrap();
    }
    kubectl.run(&format!("delete namespace {NAMESPACE} --timeout=120s")).unwrap();
    let mut findings = site.managers.findings(&mark).unwrap();
    findings.retain(Finding::is_of_cluster);
    println!("{rounds} rounds of ordinary life in {} s: {findings:#?}", begin.elapsed().as_secs());
    let serious: Vec<_> = findings.iter().filter(|finding| finding.is_serious()).collect();
    assert!(serious.is_empty(), "{serious:#?}");
    let is_exec = |finding: &&Finding| {
        finding.text("threat.technique.id").contains("T1609") && finding.text("process.command_line") == "id"
    };
    let told = findings.iter().find(is_exec).expect("an administrator's command is told");
    assert_eq!(told.text("workload.name"), "shop", "{:#}", told.json);
}

fn rollout(kubectl: &Kubectl) {
    for workload in ["deployment/shop", "daemonset/reader"] {
        kubectl.rollout(NAMESPACE, workload).unwrap();
    }
}

fn work(kubectl: &Kubectl, folder: &str, number: u32) {
    for line in WORK {
        let pod = if line.contains("{pod}") { pod(kubectl) } else { String::new() };
        let line = line.replace("{pod}", &pod).replace("{folder}", folder);
        kubectl
            .run(&format!("--namespace={NAMESPACE} {}", line.replace("{number}", &number.to_string())))
            .unwrap();
    }
}

/// One that is ready and stays.
fn pod(kubectl: &Kubectl) -> String {
    let pods = kubectl.get(&format!("pods --namespace={NAMESPACE} --selector=app=shop")).unwrap();
    let stays = |pod: &&serde_json::Value| {
        pod.pointer("/metadata/deletionTimestamp").is_none()
            && pod.pointer("/status/containerStatuses/0/ready") == Some(&true.into())
    };
    let pod = pods["items"].as_array().unwrap().iter().rfind(stays).unwrap();
    pod["metadata"]["name"].as_str().unwrap().to_owned()
}

/// Reaches a pod by a port of this machine.
fn forward(kubectl: &Kubectl) {
    let arguments = ["port-forward", "--namespace", NAMESPACE, "service/shop", "18080:80"];
    let mut forward = kubectl.command(&arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    rampart_cluster::until("an answer by a forwarded port", || {
        Ok(std::net::TcpStream::connect("127.0.0.1:18080").ok())
    })
    .unwrap();
    forward.kill().unwrap();
    forward.wait().unwrap();
}
