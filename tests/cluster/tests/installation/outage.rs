//! What ends around the agent, and comes back: a manager, the API server, containerd.

use std::{
    collections::BTreeSet,
    thread::sleep,
    time::{Duration, Instant},
};

use rampart_cluster::{Finding, Mark, is_full, until};

use crate::{
    site::Site,
    workload::{Kind, NAMESPACE, Workload},
};

const MINER: &str = "Cryptocurrency miner started";

/// How many deeds are done while something is away.
const DEEDS: u64 = 60;

/// One deed after the other, each with its number.
const SERIES: &str = "mkdir /opt; cp /bin/busybox /opt/xmrig; n=0;
    while [ $n -lt 60 ]; do n=$((n+1)); /opt/xmrig number-$n-of-$SERIES || true; sleep 0.3; done; sleep 1000";

/// A pod that the kubelet runs without the API server.
const STATIC_POD: &str = "apiVersion: v1
kind: Pod
metadata: { name: recluse, namespace: default }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: worker
      image: localhost/busybox:1
      imagePullPolicy: Never
      command: [sh, -ec, 'mkdir /opt; cp /bin/busybox /opt/xmrig; /opt/xmrig recluse || sleep 1000']
";
const STATIC_FILE: &str = "/etc/kubernetes/manifests/recluse.yaml";

/// The numbers of a series that have arrived.
fn numbers(site: &Site, mark: &Mark, series: &str) -> anyhow::Result<BTreeSet<u64>> {
    let number = |finding: Finding| {
        let line = finding.text("process.command_line");
        line.strip_suffix(&format!("-of-{series}"))?.rsplit('-').next()?.parse().ok()
    };
    Ok(site.managers.findings(mark)?.into_iter().filter_map(number).collect())
}

/// Does a series of deeds, with something happening after the tenth of them, and has all of them arrive.
fn nothing_is_lost(site: &Site, series: &str, happens: impl FnOnce()) -> Mark {
    let mark = site.managers.mark();
    let script = SERIES.replace("$SERIES", series);
    site.kubectl.fresh_namespace(NAMESPACE).unwrap();
    let workload = Workload::new(Kind::Deployment, series, &script);
    workload.install(&site.kubectl);
    let arrived = || numbers(site, &mark, series);
    until("the tenth deed", || Ok((arrived()?.len() >= 10).then_some(()))).unwrap();
    happens();
    let all: BTreeSet<u64> = (1..=DEEDS).collect();
    until("the last deed", || Ok((arrived()? == all).then_some(()))).unwrap_or_else(|error| {
        let missing: Vec<_> = all.difference(&arrived().unwrap()).copied().collect();
        panic!("{error:#}: missing {missing:?}")
    });
    mark
}

#[test]
fn another_manager_takes_over_and_nothing_is_lost() {
    let site = Site::get();
    let mark = nothing_is_lost(site, "failover", || site.managers.turn("manager-a", false).unwrap());
    let of_b = site
        .managers
        .findings(&mark)
        .unwrap()
        .iter()
        .filter(|finding| finding.manager == "manager-b")
        .count();
    println!("manager-b has taken over {of_b} findings");
    assert!(of_b > 0);
    site.managers.turn("manager-a", true).unwrap();
    site.managers.check().unwrap();
}

#[test]
fn containerd_is_restarted_and_nothing_is_missed() {
    let site = Site::get();
    let lost = |series: &str| site.agent().metric(series).unwrap();
    let before = lost("rampart_events_lost_total");
    nothing_is_lost(site, "containerd", || site.node.restart_containerd().unwrap());
    println!("{} events were lost and counted", lost("rampart_events_lost_total") - before);
}

#[test]
fn without_api_server_detection_goes_on_and_names_are_filled_in_after() {
    let site = Site::get();
    let away = if is_full() { Duration::from_mins(2) } else { Duration::from_secs(20) };
    nothing_is_lost(site, "apiserver", || {
        let mark = site.managers.mark();
        let begin = Instant::now();
        stop_api_server(site, true);
        site.node.run(&format!("cat > {STATIC_FILE} <<'END'\n{STATIC_POD}END")).unwrap();
        let is_recluse = |finding: &Finding| {
            finding.rule() == MINER && finding.text("process.command_line").ends_with("recluse")
        };
        let early = site.managers.wait_for(&mark, "the finding without API server", is_recluse).unwrap();
        println!("without API server, {:.2} s after the deed: {early:?}", early.delay().unwrap());
        assert_eq!(early.text("completeness"), "incomplete", "{:#}", early.json);
        assert_eq!(early.text("workload.name"), "");
        sleep(away.saturating_sub(begin.elapsed()));
        stop_api_server(site, false);
        let is_late = |finding: &Finding| is_recluse(finding) && finding.text("completeness") == "completed";
        let late = site.managers.wait_for(&mark, "the finding with all names", is_late).unwrap();
        for path in ["event.id", "@timestamp"] {
            assert_eq!(late.text(path), early.text(path), "{path} in {:#}", late.json);
        }
        assert_eq!(late.text("orchestrator.resource.name"), "recluse-rampart-node", "{:#}", late.json);
        assert_eq!(late.text("orchestrator.resource.parent.type"), "Node", "{:#}", late.json);
        site.node.run(&format!("rm {STATIC_FILE}")).unwrap();
    });
    ready_again(site);
}

/// Takes its manifest away from the kubelet, or gives it back, and waits until that has come about.
fn stop_api_server(site: &Site, stop: bool) {
    let [present, away] = ["/etc/kubernetes/manifests", "/etc/kubernetes"]
        .map(|folder| format!("{folder}/kube-apiserver.yaml"));
    let (from, to) = if stop { (present, away) } else { (away, present) };
    site.node.run(&format!("mv {from} {to}")).unwrap();
    until("the API server", || Ok((site.kubectl.run("get --raw=/readyz").is_ok() != stop).then_some(())))
        .unwrap();
}

/// Tests that come after this one need what has been waiting for the API server, too.
fn ready_again(site: &Site) {
    until("the node and the agent to be ready", || {
        let Ok(node) = site.kubectl.get("node rampart-node") else { return Ok(None) };
        let conditions = node["status"]["conditions"].as_array().into_iter().flatten();
        let is_ready = conditions.filter(|each| each["type"] == "Ready").any(|each| each["status"] == "True");
        Ok(is_ready.then_some(()))
    })
    .unwrap();
    site.agent();
}
