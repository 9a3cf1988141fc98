use std::sync::Arc;

use crate::{
    reader::{Map, Reader},
    yaml::{Content, Node},
};

/// A UUID with its hyphens.
const UUID_LENGTH: usize = 36;

/// What a document may be called by others, whatever else is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its id, where that is a UUID.
    pub(crate) id: Option<Arc<str>>,
    /// Its name.
    pub(crate) name: Option<Arc<str>>,
}

impl Identity {
    /// Looks for it without a word of what is wrong: that is told by who reads the document.
    pub(crate) fn of(document: &Node) -> Self {
        let Content::Map(entries) = &document.content else { return Self::default() };
        let map = Map { place: document.place, entries };
        let text = |key| map.get(key)?.as_scalar().map(|scalar| scalar.text.trim());
        let name = text("name").filter(|name| !name.is_empty());
        Self { id: text("id").and_then(uuid), name: name.map(key) }
    }

    /// The id and the name, as far as they are there.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.id.iter().chain(&self.name)
    }
}

/// The UUID that a text is, in lower case, so that ids that differ only in case are one.
fn uuid(text: &str) -> Option<Arc<str>> {
    let id = uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == UUID_LENGTH)?;
    Some(id.to_string().into())
}

/// A reference as ids and names are kept.
pub(crate) fn key(text: &str) -> Arc<str> {
    uuid(text).unwrap_or_else(|| text.into())
}

/// Reads an id, and notes why it is none.
pub(crate) fn read_id(reader: &mut Reader, node: &Node) -> Option<Arc<str>> {
    let text = reader.text(node, "`id`")?;
    let id = uuid(text);
    if id.is_none() {
        reader.expected(node, "`id`", "a UUID, such as `uuidgen` prints");
    }
    id
}

/// The id of a rule that has none: the same wherever its title is. Sigma can do without ids, findings cannot.
pub(crate) fn id_of_title(title: &str) -> Arc<str> {
    // FNV-1a, as it is defined for 128 bits. Nothing depends on its being hard to hit.
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = title.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    uuid::Builder::from_custom_bytes(hash.to_be_bytes()).into_uuid().to_string().into()
}
