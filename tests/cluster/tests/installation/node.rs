//! What is scanned is the node: not the container that the agent is in.

use rampart_cluster::{Results, until};
use serde_json::json;

use crate::{results, site::Site};

/// What somebody does to the node, what undoes it, and a check that is about it.
const BREAK: &str = "chmod 644 /etc/kubernetes/manifests/kube-scheduler.yaml";
const MEND: &str = "chmod 600 /etc/kubernetes/manifests/kube-scheduler.yaml";
const CHECK: u64 = 50301;

/// A tree of files on the node that looks like its root, a check that reads nothing but files, and what it is about.
const SCRATCH: &str = "/var/lib/rampart-scratch";
const FILE_CHECK: u64 = 50103;
const SECOND_ROOT: &str = "echo toor:x:0:0::/:/bin/sh >> /etc/passwd";
const ONE_ROOT: &str = "sed -i /^toor:/d /etc/passwd";

/// What the agent has found, of a scan that is made now.
fn scanned(site: &Site) -> Results {
    site.agent().scan().unwrap();
    rampart_cluster::results(&results::newest(site)).unwrap()
}

#[test]
fn the_agent_in_its_pod_finds_what_a_scan_on_the_node_finds() {
    let site = Site::get();
    let on_node = site.node.results().unwrap();
    assert_eq!(on_node.len(), 167, "the node has everything that policies require");
    // What has just been installed or removed may be seen by one scan and not by the other.
    until("the same results in the pod", || {
        let in_pod = scanned(site);
        let on_node = site.node.results()?;
        let differs = |(id, result): &(&u64, &String)| in_pod.get(id) != Some(result);
        let differing: Vec<_> =
            on_node.iter().filter(differs).map(|(id, result)| (id, result, in_pod.get(id))).collect();
        println!("check, on the node, in the pod, where they differ: {differing:?}");
        Ok(differing.is_empty().then_some(()))
    })
    .unwrap();
}

#[test]
fn what_is_broken_on_the_node_is_told() {
    let site = Site::get();
    for (deed, expected) in [(MEND, "passed"), (BREAK, "failed"), (MEND, "passed")] {
        let mark = site.managers.mark();
        site.node.run(deed).unwrap();
        assert_eq!(scanned(site).get(&CHECK).map(String::as_str), Some(expected), "after `{deed}`");
        // Managers are told of what has changed.
        let is_it = |check: &serde_json::Value| check["id"] == CHECK && check["result"] == expected;
        if deed == BREAK {
            until("the manager to be told", || {
                let lines = site.managers.since(&mark)?;
                let told = lines.iter().any(|line| line.json.pointer("/message/check").is_some_and(is_it));
                Ok(told.then_some(()))
            })
            .unwrap();
        }
    }
}

#[test]
fn what_is_mounted_as_the_hosts_root_is_scanned() {
    let site = Site::get();
    let copy = "rm -rf $TO; mkdir -p $TO/usr/lib; cp -a /etc $TO; cp /usr/lib/os-release $TO/usr/lib";
    site.node.run(&format!("TO={SCRATCH}; {copy}")).unwrap();
    let scan_of = |root: &str| {
        site.chart().upgrade(json!({ "agent": { "hostRoot": root } })).unwrap();
        // The one that is made at the start.
        until("a scan", || Ok((site.agent().metric("rampart_sca_scans_total")? > 0.0).then_some(())))
            .unwrap();
    };
    scan_of(SCRATCH);
    let results = [ONE_ROOT, SECOND_ROOT, ONE_ROOT].map(|deed| {
        site.node.run(&deed.replace("/etc", &format!("{SCRATCH}/etc"))).unwrap();
        scanned(site).remove(&FILE_CHECK).unwrap()
    });
    scan_of("/");
    site.node.run(&format!("rm -rf {SCRATCH}")).unwrap();
    assert_eq!(results, ["passed", "failed", "passed"]);
    assert_eq!(scanned(site).get(&FILE_CHECK).map(String::as_str), Some("passed"));
}

#[test]
fn files_of_the_container_change_nothing() {
    let site = Site::get();
    let before = scanned(site);
    // What all checks of files would be against.
    let script = "remount rw
        in_container mkdir -p /etc/kubernetes/manifests /etc/ssh
        for file in passwd shadow ssh/sshd_config kubernetes/manifests/kube-scheduler.yaml; do
            in_container cp /host/etc/passwd /etc/$file
            in_container chmod 666 /etc/$file
        done
        remount ro";
    site.agent().run_inside(script).unwrap();
    let after = scanned(site);
    let differing: Vec<_> = before.iter().filter(|(id, result)| after.get(id) != Some(result)).collect();
    assert!(differing.is_empty(), "{differing:?}");
}
