use rampart_model::Category;

use crate::{
    Fault,
    reader::{Map, Reader, short},
    yaml::Node,
};

const WHAT: &str = "`logsource`";
const KEYS: &[&str] = &["product", "category", "service", "definition"];

/// What a `logsource` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogSource {
    /// The events of a category.
    Category(Category),
    /// Everything on Linux.
    All,
    /// Something that is not here, or nothing that can be read. Why is noted.
    Other {
        /// What the rule looks for may still be worth reading: only the category is wrong.
        readable: bool,
    },
}

impl LogSource {
    pub(crate) const fn category(self) -> Option<Category> {
        match self {
            Self::Category(category) => Some(category),
            Self::All | Self::Other { .. } => None,
        }
    }

    /// Reads the value of `logsource`.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(map) = reader.map(node, WHAT) else { return Self::Other { readable: true } };
        map.only(reader, WHAT, KEYS);
        // Of a rule for something else, nothing more is worth saying.
        if is_other_product(reader, map) || is_service(reader, map) {
            return Self::Other { readable: false };
        }
        let Some(node) = map.get("category") else { return Self::All };
        let Some(name) = reader.text(node, "`category`") else { return Self::Other { readable: true } };
        let Some(category) = Category::from_name(name) else {
            reader.note(node.place, Fault::UnknownCategory(short(name)));
            // Without a product it is as well a rule for something else that has this category.
            return Self::Other { readable: map.get("product").is_some() };
        };
        if map.get("product").is_none() {
            reader.note(map.place, Fault::Unsaid { what: WHAT, key: "product" });
        }
        Self::Category(category)
    }

    /// Reads that of a rule, which must have a category.
    pub(crate) fn require(reader: &mut Reader, rule: Map<'_>, what: &'static str) -> Self {
        let Some(node) = rule.require(reader, what, "logsource") else {
            return Self::Other { readable: true };
        };
        let source = Self::read(reader, node);
        if source == Self::All {
            reader.note(node.place, Fault::NoCategory);
        }
        source
    }
}

fn is_other_product(reader: &mut Reader, map: Map<'_>) -> bool {
    let Some(node) = map.get("product") else { return false };
    let product = reader.text(node, "`product`");
    let other = product.filter(|product| *product != "linux");
    if let Some(product) = other {
        let what = format!("the product `{}`", short(product));
        reader.note(node.place, Fault::Unsupported { what, instead: "rampart sees Linux: `product: linux`" });
    }
    other.is_some()
}

fn is_service(reader: &mut Reader, map: Map<'_>) -> bool {
    let Some(node) = map.get("service") else { return false };
    if let Some(service) = reader.text(node, "`service`") {
        reader.note(node.place, Fault::Service(short(service)));
    }
    true
}
