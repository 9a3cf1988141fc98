//! The answers of the engine that others wrote.

use rsigma_eval::{CorrelationConfig, CorrelationEngine, Engine, JsonEvent, evaluate_rule};
use rsigma_parser::{SigmaCollection, parse_sigma_yaml};
use serde_json::Value as Json;

use crate::{
    event::Event,
    product::{Answers, yaml},
};

/// Reads the documents; every one must be taken.
fn read(documents: &[Json]) -> Result<SigmaCollection, String> {
    let collection = parse_sigma_yaml(&yaml(documents)).map_err(|error| error.to_string())?;
    if collection.errors.is_empty() { Ok(collection) } else { Err(collection.errors.join("; ")) }
}

/// Which rules match which events. Rule by rule: the engine's index of exact values forgets that a rule may ask for
/// their absence.
pub(crate) fn ask(documents: &[Json], events: &[&Event]) -> Result<Answers, String> {
    let collection = read(documents)?;
    let mut engine = Engine::new();
    engine.add_collection(&collection).map_err(|error| error.to_string())?;
    let mut answers = Answers::new();
    for (place, event) in events.iter().enumerate() {
        let category = event.get("category").and_then(Json::as_str);
        let json = Json::Object((*event).clone());
        let event = JsonEvent::borrow(&json);
        let rules = engine.rules().iter().filter(|rule| rule.logsource.category.as_deref() == category);
        for found in rules.filter_map(|rule| evaluate_rule(rule, &event)) {
            answers.insert((place, found.header.rule_id.expect("every rule has an id")));
        }
    }
    Ok(answers)
}

/// Which rules and correlations fire at which event of a sequence. Rules that only correlations need are silent.
pub(crate) fn ask_in_order(documents: &[Json], events: &[&Event]) -> Result<Answers, String> {
    let collection = read(documents)?;
    let config = CorrelationConfig { emit_detections: false, ..CorrelationConfig::default() };
    let mut engine = CorrelationEngine::new(config);
    engine.add_collection(&collection).map_err(|error| error.to_string())?;
    let mut answers = Answers::new();
    for (place, event) in events.iter().enumerate() {
        let json = Json::Object((*event).clone());
        for found in engine.process_event(&JsonEvent::borrow(&json)) {
            answers.insert((place, found.header.rule_id.expect("every rule has an id")));
        }
    }
    Ok(answers)
}
