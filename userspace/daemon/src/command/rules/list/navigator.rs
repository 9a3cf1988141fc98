use rampart_policy::Catalogue;
use serde_json::{Value as Json, json};

use super::{
    entry::Entry,
    technique::{Answered, answered},
};

/// The version of the layer's format.
pub(crate) const FORMAT: &str = "4.5";

/// The first Navigator that reads it.
const NAVIGATOR: &str = "4.9.0";

/// What has a score has a colour from here on, the more rules the darker.
const COLOURS: [&str; 2] = ["#c6dbef", "#08519c"];

/// A layer for the ATT&CK Navigator: the score of a technique is the number of its rules.
pub(super) fn layer(catalogue: &Catalogue, entries: &[&Entry<'_>]) -> Json {
    let answered = answered(entries);
    let most = answered.iter().map(|answered| answered.rules.len()).max().unwrap_or(0);
    json!({
        "name": "rampart",
        "versions": { "attack": catalogue.attack_version(), "navigator": NAVIGATOR, "layer": FORMAT },
        "domain": "enterprise-attack",
        "description": "Techniques that rampart's rules detect; the score is the number of rules",
        "filters": { "platforms": ["Linux", "Containers"] },
        // By score, the highest first.
        "sorting": 3,
        "layout": {
            "layout": "side",
            "showID": true,
            "showName": true,
            "expandedSubtechniques": "annotated",
        },
        "hideDisabled": false,
        "techniques": answered.iter().map(technique).collect::<Vec<_>>(),
        // The upper bound must be above the lower one.
        "gradient": { "colors": COLOURS, "minValue": 1, "maxValue": most.max(2) },
        "legendItems": [],
        "showTacticRowBackground": false,
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
        "selectVisibleTechniques": false,
        "metadata": [],
        "links": [],
    })
}

fn technique(answered: &Answered<'_>) -> Json {
    let titles: Vec<_> = answered.rules.iter().map(|rule| &*rule.reference.title).collect();
    json!({
        "techniqueID": answered.technique.id,
        "score": answered.rules.len(),
        "comment": titles.join("\n"),
        "enabled": true,
    })
}
