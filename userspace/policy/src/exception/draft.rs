use std::sync::Arc;

use rampart_model::Category;

use super::Exception;
use crate::{
    Fault, Place,
    index::Index,
    reader::{Map, Reader, short},
    reference::{self, Reference},
    rule::{Identity, LogSource},
};

/// An exception that is read, before its references are looked up.
#[derive(Debug)]
pub(crate) struct Draft {
    /// All but its rules.
    pub(crate) exception: Exception,
    /// None where its id is only its title.
    pub(crate) own_id: Option<Arc<str>>,
    /// None for every rule of the category.
    pub(crate) references: Option<Vec<Reference>>,
}

/// To what an exception applies.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) category: Option<Category>,
    pub(super) references: Option<Vec<Reference>>,
}

/// Reads `rules`, which may be `any` where `logsource` says of what.
pub(super) fn scope(
    reader: &mut Reader,
    map: Map<'_>,
    what: &'static str,
    document: Place,
    source: Option<LogSource>,
) -> Option<Scope> {
    let node = map.require(reader, what, "rules")?;
    let category = source.and_then(LogSource::category);
    let any = node.as_scalar().is_some_and(|scalar| scalar.text.eq_ignore_ascii_case("any"));
    if !any {
        let references = Some(reference::read(reader, node)).filter(|references| !references.is_empty());
        return references.map(|references| Scope { category, references: Some(references) });
    }
    match source {
        // Why the category is none is noted.
        Some(LogSource::Category(_) | LogSource::Other { .. }) => {}
        Some(LogSource::All) => {
            reader.note(node.place, Fault::NoCategory);
            return None;
        }
        None => {
            reader
                .note(document, Fault::MissingKey { what: "an exception for `any` rule", key: "logsource" });
            return None;
        }
    }
    category.map(|category| Scope { category: Some(category), references: None })
}

impl Draft {
    pub(crate) fn identity(&self) -> Identity {
        Identity { id: self.own_id.clone(), name: None }
    }

    /// Looks up what it refers to. None where something is not there.
    pub(crate) fn resolve(self, reader: &mut Reader, index: &Index) -> Option<Exception> {
        let mut exception = self.exception;
        let mut good = true;
        for reference in self.references.iter().flatten() {
            let Some(known) = index.find(reader, reference) else {
                good = false;
                continue;
            };
            // Only a rule has a category of its own.
            if let Some(category) = known.category.filter(|_| known.depth == 0)
                && exception.category.is_some_and(|own| own != category)
            {
                let rule = short(&reference.key);
                reader.note(reference.place, Fault::OtherCategory { rule, category });
                continue;
            }
            if exception.rules.contains(&known.id) {
                reader.note(reference.place, Fault::RepeatedRule(short(&reference.key)));
                continue;
            }
            exception.rules.push(Arc::clone(&known.id));
        }
        good.then_some(exception)
    }
}
