use std::sync::Arc;

use rampart_model::{ControlRef, Technique};

use crate::{
    Catalogue, Fault,
    reader::{Map, Reader, short},
};

/// Sigma's tag namespaces that imply neither a technique nor a control.
const SILENT: &[&str] = &["car", "cve", "d3fend", "detection", "stp", "tlp"];

/// What a rule's tags stand for.
#[derive(Debug, Default)]
pub(super) struct Tags {
    pub(super) techniques: Vec<Technique>,
    /// By the tags themselves and by what the techniques imply; sorted, each once.
    pub(super) controls: Vec<ControlRef>,
}

impl Tags {
    pub(super) fn read(reader: &mut Reader, rule: Map<'_>, catalogue: &Catalogue) -> Self {
        let mut tags = Self::default();
        for (node, tag) in rule.get("tags").map_or_else(Vec::new, |node| reader.texts(node, "`tags`")) {
            if let Err(fault) = tags.add(tag, catalogue) {
                reader.note(node.place, fault);
            }
        }
        tags.controls.sort();
        tags.controls.dedup();
        tags
    }

    fn add(&mut self, tag: &str, catalogue: &Catalogue) -> Result<(), Fault> {
        let (namespace, name) = tag.split_once('.').unwrap_or((tag, ""));
        if name.is_empty() {
            return Err(Fault::UnknownTag(short(tag)));
        }
        if namespace == "attack" {
            return self.add_attack(name, tag, catalogue);
        }
        if SILENT.contains(&namespace) {
            return Ok(());
        }
        let control: ControlRef = tag.parse().map_err(|_| Fault::UnknownTag(short(tag)))?;
        if catalogue.control(&control).is_none() {
            return Err(Fault::UnknownControl(short(tag)));
        }
        self.controls.push(control);
        Ok(())
    }

    fn add_attack(&mut self, name: &str, tag: &str, catalogue: &Catalogue) -> Result<(), Fault> {
        if is_numbered(name, 't') {
            let entry = catalogue.technique(name).ok_or_else(|| Fault::UnknownTechnique(short(tag)))?;
            if !self.techniques.contains(&entry.technique) {
                self.techniques.push(entry.technique.clone());
            }
            self.controls.extend(entry.controls.iter().cloned());
            return Ok(());
        }
        // Groups and software are not in the catalogue: they tell who, not what.
        let known = is_numbered(name, 'g') || is_numbered(name, 's') || catalogue.tactic(name).is_some();
        if known { Ok(()) } else { Err(Fault::UnknownTactic(short(tag))) }
    }

    pub(super) fn into_parts(self) -> (Arc<[Technique]>, Arc<[ControlRef]>) {
        (self.techniques.into(), self.controls.into())
    }
}

/// Such as `t1496`, or `g0032`.
fn is_numbered(name: &str, letter: char) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.eq_ignore_ascii_case(&letter))
        && characters.next().is_some_and(|second| second.is_ascii_digit())
}
