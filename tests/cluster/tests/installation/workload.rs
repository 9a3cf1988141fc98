//! Workloads that somebody installs to do something in their pods.

use rampart_cluster::Kubectl;

/// Where the tests' pods are.
pub(crate) const NAMESPACE: &str = "field";

/// Something that runs a script in its only container, `worker`, once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
    pub(crate) script: &'a str,
    /// What else is in the specification of its pods, and in that of the container: YAML in one line each.
    pub(crate) pod: &'a str,
    pub(crate) container: &'a str,
}

/// What makes its pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Deployment,
    Job,
    StatefulSet,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::Job => "Job",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

impl<'a> Workload<'a> {
    pub(crate) const fn new(kind: Kind, name: &'a str, script: &'a str) -> Self {
        Self { kind, name, script, pod: "", container: "" }
    }

    pub(crate) fn install(&self, kubectl: &Kubectl) {
        kubectl.apply(&self.manifest()).expect(self.name);
    }

    pub(crate) fn remove(&self, kubectl: &Kubectl) {
        let (kind, name) = (self.kind.name(), self.name);
        kubectl
            .run(&format!("delete {kind} {name} --namespace={NAMESPACE} --grace-period=0 --wait=false"))
            .unwrap();
    }

    fn manifest(&self) -> String {
        let (name, kind) = (self.name, self.kind.name());
        let (version, selector, end) = match self.kind {
            Kind::Job => ("batch/v1", String::new(), "restartPolicy: Never,"),
            Kind::Deployment => ("apps/v1", format!("selector: {{ matchLabels: {{ app: {name} }} }},"), ""),
            Kind::StatefulSet => (
                "apps/v1",
                format!("serviceName: {name}, selector: {{ matchLabels: {{ app: {name} }} }},"),
                "",
            ),
        };
        // What a shell reads is no YAML: as JSON it is quoted.
        let script = serde_json::Value::from(self.script);
        let (pod, container) = (self.pod, self.container);
        format!(
            "{{ apiVersion: {version}, kind: {kind}, metadata: {{ name: {name}, namespace: {NAMESPACE} }},
               spec: {{ {selector} template: {{
                 metadata: {{ labels: {{ app: {name}, app.kubernetes.io/name: {name} }} }},
                 spec: {{ terminationGracePeriodSeconds: 0, {end} {pod} containers: [{{ name: worker,
                   image: 'localhost/busybox:1', imagePullPolicy: Never, {container}
                   command: [sh, -ec, {script}] }}] }} }} }} }}"
        )
    }
}
