use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Map, Value as Json};

use super::{Rule, Rules, Scenario, finding, rules::Level};
use crate::{
    scenario::pattern::{Fill, Pattern},
    text,
};

/// The least of the frameworks that a finding has to answer.
const FRAMEWORKS: usize = 3;

/// From here on a rule must not fire without being expected.
const NOISE: Level = Level::Medium;

const CONTAINER: &str = "container.id";

/// What must come of a scenario.
pub(super) struct Verdict<'a> {
    rules: &'a Rules,
    wanted: &'a Rule,
    also: &'a [String],
    conditions: Pattern,
    /// When the deed began.
    since: &'a str,
}

impl<'a> Verdict<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        wanted: &'a Rule,
        rules: &'a Rules,
        since: &'a str,
        fill: Fill<'_>,
    ) -> anyhow::Result<Self> {
        let mut conditions = scenario.finding.clone();
        if !conditions.contains_key(CONTAINER) {
            conditions.insert(CONTAINER.to_owned(), container(scenario));
        }
        let conditions = Pattern::parse(&conditions, fill)?;
        Ok(Self { rules, wanted, also: &scenario.also, conditions, since })
    }

    /// Whether the finding is there for which the scenario was written.
    pub(super) fn is_met(&self, findings: &[&Json]) -> bool {
        self.of_wanted(findings).any(|finding| self.conditions.matches(&finding::flat(finding)))
    }

    /// All that is not as it must be, in sentences; nothing where all is well.
    pub(super) fn faults(&self, findings: &[&Json]) -> String {
        let mut faults = Vec::new();
        let of_wanted: Vec<&Json> = self.of_wanted(findings).collect();
        if of_wanted.is_empty() {
            faults.push(format!("{} has not fired", self.wanted.name()));
        }
        let mut near = Vec::new();
        for finding in of_wanted {
            let flat = finding::flat(finding);
            let differences: Vec<String> = self.conditions.differences(&flat).collect();
            if differences.is_empty() {
                faults.extend(self.incomplete(finding));
                near.clear();
                break;
            }
            near.push(format!("near: {}", differences.join("; ")));
        }
        faults.extend(near);
        faults.extend(self.others(findings));
        faults.join("\n")
    }

    fn of_wanted<'f>(&self, findings: &[&'f Json]) -> impl Iterator<Item = &'f Json> {
        findings.iter().copied().filter(|finding| text(finding, "/rule/id") == self.wanted.id)
    }

    /// What every finding must have, and this one has not.
    fn incomplete(&self, finding: &Json) -> Vec<String> {
        let mut faults = Vec::new();
        let mut same = |what: &str, wanted: &[String], found: BTreeSet<String>| {
            let wanted: BTreeSet<String> = wanted.iter().cloned().collect();
            if wanted != found {
                faults.push(format!("its {what} are {found:?}, the rule's are {wanted:?}"));
            }
        };
        same("techniques", &self.wanted.techniques, finding::techniques(finding));
        same("controls", &self.wanted.controls, finding::controls(finding));
        let frameworks = finding.pointer("/rampart/controls").and_then(Json::as_object).map_or(0, Map::len);
        if frameworks < FRAMEWORKS {
            faults.push(format!("it answers {frameworks} frameworks, not {FRAMEWORKS}"));
        }
        if self.wanted.techniques.is_empty() {
            faults.push("it names no technique".to_owned());
        }
        for place in ["/message", "/rule/description", "/process/executable", "/rampart/ancestry/0/pid"] {
            if text(finding, place).is_empty() {
                faults.push(format!("its {place} is empty"));
            }
        }
        faults
    }

    /// Rules that fired and should not have, and those that did not and should have.
    fn others(&self, findings: &[&Json]) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fired = BTreeSet::new();
        for finding in findings {
            let Some(rule) = self.rules.by_id(&text(finding, "/rule/id")) else { continue };
            let is_first = fired.insert(rule.stem());
            let known = |also: &String| also.trim_end_matches('?') == rule.stem();
            // What other scenarios did before is not this one's doing.
            let is_older = finding::begins_before(finding, self.since);
            let is_noise = rule.id != self.wanted.id && rule.level >= NOISE && !is_older;
            if is_first && is_noise && !self.also.iter().any(known) {
                faults.push(format!("{} has fired as well, and is not in `also`", rule.name()));
            }
        }
        let missing = self.also.iter().filter(|also| !also.ends_with('?') && !fired.contains(also.as_str()));
        faults.extend(missing.map(|also| format!("{also} is in `also`, and has not fired")));
        faults
    }

    /// The findings in the order in which they came.
    pub(super) fn list(&self, findings: &[&Json]) -> String {
        let mut list = String::new();
        for finding in findings {
            let rule =
                self.rules.by_id(&text(finding, "/rule/id")).map_or_else(|| "?".to_owned(), Rule::name);
            writeln!(list, "    {}", finding::line(&rule, finding)).unwrap_or_default();
        }
        if list.is_empty() { "    none\n".to_owned() } else { list }
    }
}

/// A deed in a container is told with the container's id, and another one without any.
fn container(scenario: &Scenario) -> Json {
    scenario.container().map_or_else(|| serde_json::json!({"exists": false}), Json::String)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Rules, Scenario, Verdict};

    const RULES: &str = r#"[
        {"id": "1", "level": "low", "techniques": ["T1"], "controls": ["soc2.a", "hipaa.b", "pci_dss.c"],
         "silent": false, "kind": "rule", "file": "p/impact/miner.yml"},
        {"id": "2", "level": "medium", "techniques": ["T2"], "controls": [], "silent": false, "kind": "rule", "file": "p/impact/noise.yml"},
        {"id": "3", "level": "low", "techniques": ["T2"], "controls": [], "silent": false, "kind": "rule", "file": "p/impact/quiet.yml"}
    ]"#;

    fn good() -> Json {
        json!({
            "rule": {"id": "1", "description": "d"},
            "message": "m",
            "threat": {"technique": {"id": ["T1"]}},
            "rampart": {"controls": {"soc2": ["a"], "hipaa": ["b"], "pci_dss": ["c"]}, "ancestry": [{"pid": 1}]},
            "process": {"executable": "/x/miner", "name": "miner"},
        })
    }

    fn other(rule: &str) -> Json {
        json!({"rule": {"id": rule}})
    }

    /// What is at fault with these findings of a scenario with these lines.
    fn faults(more: &str, findings: &[Json]) -> String {
        let rules = Rules::parse(RULES);
        let scenario = Scenario::parse(&format!("about: x\n{more}")).unwrap();
        let fill = |template: &str| Ok(template.replace("{id1}", "c1"));
        let wanted = rules.named("impact/miner").unwrap();
        let verdict = Verdict::new(&scenario, wanted, &rules, "2026-01-02T", &fill).unwrap();
        verdict.faults(&findings.iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_is_as_it_must_be_has_no_fault() {
        assert_eq!(faults("deed: [x]\n", &[good(), other("3")]), "");
        assert_eq!(
            faults("deed: [x]\nfinding: {process.name: miner}\nalso: [noise]\n", &[other("2"), good()]),
            ""
        );
        assert_eq!(faults("deed: [x]\nalso: [noise?]\n", &[good()]), "");
        let mut older = other("2");
        older["event"] = json!({"start": "2026-01-01T23:59:59.9Z"});
        assert_eq!(faults("deed: [x]\n", &[good(), older]), "");
        let mut inside = good();
        inside["container"] = json!({"id": "c1"});
        assert_eq!(faults("deed: [in-container, '{id1}', x]\n", std::slice::from_ref(&inside)), "");
        assert_eq!(faults("deed: [x]\nfinding: {container.id: {exists: true}}\n", &[inside]), "");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (more, findings, wanted) in [
            ("deed: [x]\n", vec![other("3")], "impact/miner has not fired"),
            ("deed: [x]\n", vec![good(), other("2")], "impact/noise has fired as well"),
            ("deed: [x]\nalso: [noise]\n", vec![good()], "noise is in `also`, and has not fired"),
            (
                "deed: [x]\nfinding: {process.name: x}\n",
                vec![good()],
                "near: process.name is miner, wanted x",
            ),
            ("deed: [in-container, '{id1}', x]\n", vec![good()], "near: container.id is absent, wanted c1"),
        ] {
            let faults = faults(more, &findings);
            assert!(faults.contains(wanted), "{faults}");
        }
    }

    #[test]
    fn a_finding_must_say_everything() {
        for (place, value, wanted) in [
            ("/threat/technique/id", json!(["T2"]), "its techniques are"),
            ("/rampart/controls/soc2", json!(["b"]), "its controls are"),
            ("/rampart/controls", json!({}), "it answers 0 frameworks"),
            ("/rampart/ancestry", json!([]), "its /rampart/ancestry/0/pid is empty"),
            ("/message", json!(""), "its /message is empty"),
            ("/process/executable", json!(null), "its /process/executable is empty"),
        ] {
            let mut finding = good();
            *finding.pointer_mut(place).unwrap() = value;
            let faults = faults("deed: [x]\n", &[finding]);
            assert!(faults.contains(wanted), "{place}: {faults}");
        }
    }
}
