use std::fs;

use anyhow::{Context as _, bail};

use crate::{Finding, Journal, Kubectl, Line, Mark, Node, until};

/// What agents must know to enrol.
pub(crate) const PASSWORD: &str = "of the cluster's tests";

const NAMESPACE: &str = "wazuh-managers";
const MANAGERS: [(&str, &str); 2] = [("manager-a", "master"), ("manager-b", "worker")];
const MANIFEST: &str = include_str!("manager.yaml");

/// Where on the node their data is.
const DATA: &str = "/var/lib/rampart-managers";

/// Two managers as pods, the master and a worker of one cluster.
#[derive(Debug)]
pub struct Managers {
    kubectl: Kubectl,
    authority: String,
    journal: Journal,
}

impl Managers {
    /// Makes them anew: no agent is known.
    ///
    /// # Errors
    /// When they do not start.
    pub fn start(node: &Node) -> anyhow::Result<Self> {
        let kubectl = node.kubectl();
        kubectl.fresh_namespace(NAMESPACE)?;
        node.run(&format!("rm -rf {DATA}"))?;
        for (name, role) in MANAGERS {
            let values = [("{name}", name), ("{role}", role), ("{password}", PASSWORD), ("{data}", DATA)];
            let fill = |text: String, (gap, value): &(&str, &str)| text.replace(gap, value);
            kubectl.apply(&values.iter().fold(MANIFEST.to_owned(), fill))?;
            kubectl.rollout(NAMESPACE, &format!("deployment/{name}"))?;
        }
        let data = node.path(DATA);
        let authority = fs::read_to_string(data.join("authority.pem")).context("the managers' authority")?;
        let files = MANAGERS.map(|(name, _)| (name, data.join(name).with_extension("jsonl")));
        Ok(Self { kubectl, authority, journal: Journal::new(files.to_vec()) })
    }

    /// The certificate of the authority of the one that enrols, as PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The name of a manager's service.
    #[must_use]
    pub fn host(name: &str) -> String {
        format!("{name}.{NAMESPACE}.svc")
    }

    /// Ends a manager, as if its node had fallen, or brings it back.
    ///
    /// # Errors
    /// When the cluster does not do it.
    pub fn turn(&self, name: &str, on: bool) -> anyhow::Result<()> {
        let replicas = u8::from(on);
        self.kubectl
            .run(&format!("scale deployment/{name} --replicas={replicas} --namespace={NAMESPACE}"))?;
        self.kubectl.rollout(NAMESPACE, &format!("deployment/{name}"))?;
        until("the end of the manager's pod", || {
            let pods = self
                .kubectl
                .run(&format!("get pods --selector=app={name} --namespace={NAMESPACE} --output=name"))?;
            Ok((pods.is_empty() != on).then_some(()))
        })
    }

    /// Now.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// The beginning.
    #[must_use]
    pub fn beginning(&self) -> Mark {
        Mark::default()
    }

    /// All that was seen since then.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn since(&self, mark: &Mark) -> anyhow::Result<Vec<Line>> {
        self.journal.since(mark)
    }

    /// The findings that have arrived since then.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn findings(&self, mark: &Mark) -> anyhow::Result<Vec<Finding>> {
        Ok(self.since(mark)?.iter().filter_map(Finding::read).collect())
    }

    /// Waits for a finding.
    ///
    /// # Errors
    /// When none comes; the error lists those that did.
    pub fn wait_for(
        &self,
        mark: &Mark,
        what: &str,
        is_it: impl Fn(&Finding) -> bool,
    ) -> anyhow::Result<Finding> {
        until(what, || Ok(self.findings(mark)?.into_iter().find(&is_it)))
            .with_context(|| format!("there are {:#?}", self.findings(mark).unwrap_or_default()))
    }

    /// The texts that stand at a pointer, wherever there is one, since the beginning.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn texts(&self, pointer: &str) -> anyhow::Result<Vec<String>> {
        let lines = self.since(&self.beginning())?;
        let texts = lines.iter().filter_map(|line| line.json.pointer(pointer)?.as_str().map(str::to_owned));
        Ok(texts.collect())
    }

    /// Whether agents have kept to the protocol up to now, and one agent has enrolled once.
    ///
    /// # Errors
    /// When not; the error says what was wrong.
    pub fn check(&self) -> anyhow::Result<()> {
        let (violations, refusals) = (self.texts("/violation")?, self.texts("/refusal")?);
        let registrations = self.texts("/registration")?;
        if !violations.is_empty() || !refusals.is_empty() || registrations.len() != 1 {
            bail!("violations: {violations:#?}, refusals: {refusals:#?}, registrations: {registrations:?}");
        }
        Ok(())
    }
}
