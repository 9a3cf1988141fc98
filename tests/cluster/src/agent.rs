use std::fs;

use anyhow::Context as _;
use serde_json::Value as Json;

use crate::{Kubectl, NAMESPACE, Node, RELEASE, until};

/// The kernel's clock ticks in a second, for all that reads /proc.
const TICKS: f64 = 100.0;

/// The agent's pod, as it is now.
#[derive(Debug)]
pub struct Agent<'a> {
    node: &'a Node,
    kubectl: Kubectl,
    /// Its name.
    pub pod: String,
    /// Its address in the cluster.
    pub address: String,
    process: u32,
}

impl<'a> Agent<'a> {
    /// The one that is ready.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(node: &'a Node) -> anyhow::Result<Self> {
        let kubectl = node.kubectl();
        let (pod, address, container) = until("an agent that is ready", || {
            let selector = format!("app.kubernetes.io/instance={RELEASE},app.kubernetes.io/component=agent");
            let pods = kubectl.get(&format!("pods --namespace={NAMESPACE} --selector={selector}"))?;
            Ok(pods.pointer("/items").and_then(Json::as_array).into_iter().flatten().find_map(ready))
        })?;
        let tasks = node.run("ctr --address /run/containerd/containerd.sock --namespace k8s.io tasks ls")?;
        let process = tasks.lines().find_map(|line| line.strip_prefix(&container)?.split_whitespace().next());
        let process = process.context("no task of the agent's container")?.parse()?;
        Ok(Self { node, kubectl, pod, address, process })
    }

    /// What it prints to its standard output and its log, line by line.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn output(&self) -> anyhow::Result<String> {
        self.kubectl.run(&format!("logs {} --namespace={NAMESPACE}", self.pod))
    }

    /// The findings on its standard output.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn printed(&self) -> anyhow::Result<Vec<Json>> {
        Ok(self.output()?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// The sum of all series of its metrics that begin so.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn metric(&self, series: &str) -> anyhow::Result<f64> {
        let metrics = self.node.run(&format!("busybox wget -qO- http://{}:9465/metrics", self.address))?;
        let values = metrics.lines().filter(|line| line.starts_with(series));
        Ok(values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// Makes it scan the node now, and waits for the results.
    ///
    /// # Errors
    /// When it does not.
    pub fn scan(&self) -> anyhow::Result<()> {
        let scans = || self.metric("rampart_sca_scans_total");
        let before = scans()?;
        self.node.run(&format!("kill -USR1 {}", self.process))?;
        until("the end of a scan", || Ok((scans()? > before).then_some(())))
    }

    /// Runs a script on the node in which `in_container` is a program of the node's that sees the container's files, and
    /// `remount rw` makes them writable.
    ///
    /// # Errors
    /// When it fails.
    pub fn run_inside(&self, script: &str) -> anyhow::Result<()> {
        let pid = self.process;
        self.node
            .run(&format!(
                "busybox=/host$(realpath \"$(command -v busybox)\")
                 in_container() {{ nsenter --target {pid} --mount -- \"$busybox\" \"$@\"; }}
                 remount() {{ in_container mount -o remount,bind,$1 none /; }}
                 {script}"
            ))
            .map(drop)
    }

    /// Processor time that it has used, in seconds, that of its scans included.
    ///
    /// # Errors
    /// When it does not run any more.
    pub fn processor_seconds(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process))?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        // utime, stime, and those of children that have ended.
        let ticks = fields.skip(11).take(4).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / TICKS)
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// When it does not run any more.
    pub fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Has the pod deleted, and waits for the next one.
    ///
    /// # Errors
    /// When there is none.
    pub fn replace(self) -> anyhow::Result<Self> {
        self.kubectl.run(&format!("delete pod {} --namespace={NAMESPACE}", self.pod))?;
        Self::find(self.node)
    }
}

/// Name, address and the container's id, of a pod that is ready and not about to end.
fn ready(pod: &Json) -> Option<(String, String, String)> {
    let text = |pointer: &str| pod.pointer(pointer)?.as_str().map(str::to_owned);
    let container = pod.pointer("/status/containerStatuses/0")?;
    let is_ready = container["ready"] == true && pod.pointer("/metadata/deletionTimestamp").is_none();
    let id = container["containerID"].as_str()?.rsplit('/').next()?.to_owned();
    is_ready.then_some((text("/metadata/name")?, text("/status/podIP")?, id))
}
