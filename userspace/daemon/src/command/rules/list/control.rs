use std::io::{self, Write};

use rampart_model::Framework;
use rampart_policy::{Catalogue, Control};
use serde_json::{Value as Json, json};

use super::{
    entry::{Entry, briefs, titles},
    table::Table,
};

/// The controls of one framework, each with the rules that answer it.
struct Coverage<'e> {
    framework: Framework,
    controls: Vec<(&'e Control, Vec<&'e Entry<'e>>)>,
}

impl Coverage<'_> {
    fn answered(&self) -> usize {
        self.controls.iter().filter(|(_, rules)| !rules.is_empty()).count()
    }
}

fn coverage<'e>(catalogue: &'e Catalogue, entries: &[&'e Entry<'e>]) -> Vec<Coverage<'e>> {
    let with_rules = |control: &'e Control| {
        let answers = |entry: &&&Entry<'_>| entry.reference.controls.contains(&control.reference);
        (control, entries.iter().filter(answers).copied().collect())
    };
    let of_framework = |framework| {
        let controls = catalogue.controls().filter(|control| control.reference.framework == framework);
        Coverage { framework, controls: controls.map(with_rules).collect() }
    };
    Framework::ALL.into_iter().map(of_framework).filter(|coverage| !coverage.controls.is_empty()).collect()
}

pub(super) fn write(catalogue: &Catalogue, entries: &[&Entry<'_>], out: &mut dyn Write) -> io::Result<()> {
    let coverage = coverage(catalogue, entries);
    let mut table = Table::new(["FRAMEWORK", "CONTROL", "TITLE", "RULES", "TITLES"]);
    for Coverage { framework, controls } in &coverage {
        for (control, rules) in controls.iter().filter(|(_, rules)| !rules.is_empty()) {
            table.push([
                framework.to_string(),
                control.reference.id.to_string(),
                control.title.to_string(),
                rules.len().to_string(),
                titles(rules),
            ]);
        }
    }
    table.write(out)?;
    writeln!(out)?;
    let mut sums = Table::new(["FRAMEWORK", "ANSWERED", "VERSION"]);
    for framework in &coverage {
        let (answered, of) = (framework.answered(), framework.controls.len());
        let version = version(catalogue, framework.framework).unwrap_or_default();
        sums.push([framework.framework.to_string(), format!("{answered} of {of}"), version.to_owned()]);
    }
    sums.write(out)
}

pub(super) fn json(catalogue: &Catalogue, entries: &[&Entry<'_>]) -> Json {
    let control = |(control, rules): &(&Control, Vec<&Entry<'_>>)| {
        json!({
            "id": control.reference.id,
            "title": control.title,
            "family": control.family,
            "rules": briefs(rules),
        })
    };
    let framework = |coverage: &Coverage<'_>| {
        json!({
            "framework": coverage.framework,
            "version": version(catalogue, coverage.framework),
            "answered": coverage.answered(),
            "of": coverage.controls.len(),
            "controls": coverage.controls.iter().map(control).collect::<Vec<_>>(),
        })
    };
    coverage(catalogue, entries).iter().map(framework).collect()
}

fn version(catalogue: &Catalogue, framework: Framework) -> Option<&str> {
    catalogue.version(framework).map(|version| &**version)
}
