use rampart_model::{ControlRef, Framework, Tactic, Technique};

use super::{Catalogue, Control, TechniqueEntry, tactic_key};
use crate::{
    Fault,
    reader::{Map, Reader},
    yaml::Node,
};

const FRAMEWORK_KEYS: &[&str] = &["framework", "version", "controls"];
const CONTROL_KEYS: &[&str] = &["id", "title", "family"];
const ATTACK_KEYS: &[&str] = &["version", "tactics", "techniques"];
const TACTIC_KEYS: &[&str] = &["id", "name"];
const TECHNIQUE_KEYS: &[&str] = &["id", "name", "tactics", "controls"];

/// Which of the two kinds of catalogue a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum CatalogueFile {
    /// `<framework>.yml`.
    Framework(Framework),
    /// `attack.yml`. Read after the frameworks, whose controls it refers to.
    Attack,
}

impl CatalogueFile {
    /// By the name without its extension.
    pub(crate) fn from_stem(stem: &str) -> Option<Self> {
        if stem == "attack" { Some(Self::Attack) } else { Framework::from_name(stem).map(Self::Framework) }
    }

    /// Adds what the file says to the catalogue.
    pub(crate) fn read(self, catalogue: &mut Catalogue, reader: &mut Reader, node: &Node) {
        let Some(map) = reader.map(node, "a catalogue") else { return };
        match self {
            Self::Framework(framework) => read_framework(catalogue, reader, framework, map),
            Self::Attack => read_attack(catalogue, reader, map),
        }
    }
}

fn read_framework(catalogue: &mut Catalogue, reader: &mut Reader, framework: Framework, map: Map<'_>) {
    const WHAT: &str = "the catalogue";
    map.only(reader, WHAT, FRAMEWORK_KEYS);
    if let Some((node, name)) = map.require_text(reader, WHAT, "framework")
        && name != framework.name()
    {
        reader.expected(node, "`framework`", "the file's own name");
    }
    if let Some((_, version)) = map.require_text(reader, WHAT, "version") {
        catalogue.versions.insert(framework, version.into());
    }
    let Some(list) = map.require(reader, WHAT, "controls") else { return };
    for node in reader.list(list, "`controls`") {
        let Some((id, control)) = read_control(reader, framework, node) else { continue };
        if catalogue.controls.contains_key(&control.reference) {
            reader.note(id.place, duplicate(&control.reference));
            continue;
        }
        catalogue.controls.insert(control.reference.clone(), control);
    }
}

fn read_control<'n>(
    reader: &mut Reader,
    framework: Framework,
    node: &'n Node,
) -> Option<(&'n Node, Control)> {
    const WHAT: &str = "the control";
    let map = reader.map(node, WHAT)?;
    map.only(reader, WHAT, CONTROL_KEYS);
    let id = map.require_text(reader, WHAT, "id");
    let title = map.require_text(reader, WHAT, "title");
    let family = map.require_text(reader, WHAT, "family");
    let ((id_node, id), (_, title), (_, family)) = (id?, title?, family?);
    let reference = ControlRef { framework, id: id.to_ascii_lowercase().into() };
    Some((id_node, Control { reference, title: title.into(), family: family.into() }))
}

fn read_attack(catalogue: &mut Catalogue, reader: &mut Reader, map: Map<'_>) {
    const WHAT: &str = "the catalogue";
    map.only(reader, WHAT, ATTACK_KEYS);
    catalogue.attack_version = map.require_text(reader, WHAT, "version").map(|(_, version)| version.into());
    if let Some(list) = map.require(reader, WHAT, "tactics") {
        for node in reader.list(list, "`tactics`") {
            let Some(tactic) = read_tactic(reader, node) else { continue };
            catalogue.tactics.insert(tactic_key(&tactic.name).into(), tactic);
        }
    }
    let Some(list) = map.require(reader, WHAT, "techniques") else { return };
    for node in reader.list(list, "`techniques`") {
        let Some((id, entry)) = read_technique(catalogue, reader, node) else { continue };
        let key = entry.technique.id.to_ascii_lowercase();
        if catalogue.techniques.contains_key(key.as_str()) {
            reader.note(id.place, duplicate(&entry.technique.id));
            continue;
        }
        catalogue.techniques.insert(key.into(), entry);
    }
}

fn read_tactic(reader: &mut Reader, node: &Node) -> Option<Tactic> {
    const WHAT: &str = "the tactic";
    let map = reader.map(node, WHAT)?;
    map.only(reader, WHAT, TACTIC_KEYS);
    let (id, name) = (map.require_text(reader, WHAT, "id"), map.require_text(reader, WHAT, "name"));
    Some(Tactic { id: id?.1.into(), name: name?.1.into() })
}

fn read_technique<'n>(
    catalogue: &Catalogue,
    reader: &mut Reader,
    node: &'n Node,
) -> Option<(&'n Node, TechniqueEntry)> {
    const WHAT: &str = "the technique";
    let map = reader.map(node, WHAT)?;
    map.only(reader, WHAT, TECHNIQUE_KEYS);
    let id = map.require_text(reader, WHAT, "id");
    let name = map.require_text(reader, WHAT, "name");
    let tactics = map.require(reader, WHAT, "tactics").map(|list| read_tactics(catalogue, reader, list));
    let mut controls =
        map.get("controls").map_or_else(Vec::new, |list| read_controls(catalogue, reader, list));
    let ((id_node, id), (_, name), tactics) = (id?, name?, tactics?);
    if let Some((parent, _)) = id.split_once('.') {
        match catalogue.technique(parent) {
            Some(parent) => controls.extend(parent.controls.iter().cloned()),
            // The list is in order: a technique stands before its sub-techniques.
            None => reader.note(id_node.place, Fault::UnknownTechnique(parent.to_owned())),
        }
    }
    controls.sort();
    controls.dedup();
    let technique = Technique { id: id.into(), name: name.into(), tactics };
    Some((id_node, TechniqueEntry { technique, controls }))
}

fn read_tactics(catalogue: &Catalogue, reader: &mut Reader, list: &Node) -> Vec<Tactic> {
    let mut tactics = Vec::new();
    for (node, name) in reader.texts(list, "`tactics`") {
        match catalogue.tactic(name) {
            Some(tactic) => tactics.push(tactic.clone()),
            None => reader.note(node.place, Fault::UnknownTactic(name.to_owned())),
        }
    }
    tactics
}

fn read_controls(catalogue: &Catalogue, reader: &mut Reader, list: &Node) -> Vec<ControlRef> {
    let mut controls = Vec::new();
    for (node, tag) in reader.texts(list, "`controls`") {
        match tag.parse::<ControlRef>().ok().and_then(|control| catalogue.control(&control)) {
            // The catalogue's own, so that every id is in memory once.
            Some(control) => controls.push(control.reference.clone()),
            None => reader.note(node.place, Fault::UnknownControl(tag.to_owned())),
        }
    }
    controls
}

fn duplicate(id: &impl ToString) -> Fault {
    Fault::DuplicateId { id: id.to_string(), first: "an entry above".to_owned() }
}
