use std::sync::Arc;

use rampart_model::{ControlRef, RuleRef, Severity, Technique};

use super::{
    identity::{self, id_of_title, read_id},
    metadata::Metadata,
    tags::Tags,
};
use crate::{
    Catalogue, Fault, Place,
    reader::{Map, Reader},
};

/// Keys that every document of Sigma's may have.
pub(crate) const DOCUMENT_KEYS: &[&str] = &[
    "title",
    "id",
    "name",
    "taxonomy",
    "related",
    "status",
    "description",
    "license",
    "references",
    "author",
    "date",
    "modified",
    "tags",
];

/// What a rule does not say, and must where it raises findings by itself: not where it only serves a correlation.
pub(crate) type Unsaid = Vec<(Place, Fault)>;

/// What rules and correlations say of themselves in the same way.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) id: Arc<str>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) metadata: Metadata,
    /// None where the document does not say, or says it wrong.
    pub(crate) severity: Option<Severity>,
    title: Arc<str>,
    description: Arc<str>,
    techniques: Arc<[Technique]>,
    controls: Arc<[ControlRef]>,
}

impl Head {
    pub(crate) fn read(
        reader: &mut Reader,
        unsaid: &mut Unsaid,
        map: Map<'_>,
        what: &'static str,
        catalogue: &Catalogue,
    ) -> Option<Self> {
        let title: Option<Arc<str>> = map.require_text(reader, what, "title").map(|(_, title)| title.into());
        let name: Option<Arc<str>> =
            map.get("name").and_then(|node| reader.text(node, "`name`")).map(identity::key);
        let id = match map.get("id") {
            Some(node) => read_id(reader, node),
            None => name.clone().or_else(|| {
                reader.note(map.place, Fault::Unsaid { what, key: "id" });
                title.as_deref().map(id_of_title)
            }),
        };
        let description = if let Some(node) = map.get("description") {
            reader.text(node, "`description`").map(Arc::from)
        } else {
            unsaid.push((map.place, Fault::Unsaid { what, key: "description" }));
            title.clone()
        };
        let severity = match map.get("level") {
            Some(_) => read_level(reader, map, what),
            None => None,
        };
        let metadata = Metadata::read(reader, map);
        let (techniques, controls) = Tags::read(reader, map, catalogue).into_parts();
        Some(Self {
            id: id?,
            name,
            metadata,
            severity,
            title: title?,
            description: description?,
            techniques,
            controls,
        })
    }

    /// What findings say of it, with the severity that it has by itself or by others.
    pub(crate) fn reference(&self, severity: Severity) -> Arc<RuleRef> {
        RuleRef {
            id: Arc::clone(&self.id),
            title: Arc::clone(&self.title),
            description: Arc::clone(&self.description),
            severity,
            techniques: Arc::clone(&self.techniques),
            controls: Arc::clone(&self.controls),
            references: self.metadata.references.clone().into(),
        }
        .into()
    }
}

fn read_level(reader: &mut Reader, map: Map<'_>, what: &'static str) -> Option<Severity> {
    let (node, name) = map.require_text(reader, what, "level")?;
    let severity = Severity::from_name(name);
    if severity.is_none() {
        reader.expected(node, "`level`", "informational, low, medium, high or critical");
    }
    severity
}
