//! docs/wazuh.md: what it shows is so.

use std::{fs, path::Path};

use serde_json::{Value as Json, from_str};

use crate::{arrival::Arrival, manager::Manager, ruleset::rules};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/wazuh.md")).unwrap()
}

/// What stands between two texts, each time.
fn between<'p>(page: &'p str, before: &str, after: &str) -> Vec<&'p str> {
    page.split(before).skip(1).filter_map(|rest| Some(rest.split_once(after)?.0)).collect()
}

#[test]
fn what_is_to_be_tried_gives_what_is_shown() {
    let page = page();
    let manager = Manager::new(rules());
    let [tried] = between(&page, "# echo '", "' | /var/ossec/bin/wazuh-logtest -l rampart")[..] else {
        panic!("one example")
    };
    let arrival = Arrival { location: "rampart".to_owned(), ..Arrival::new(&from_str(tried).unwrap()) };
    let alert = manager.judge(&arrival).unwrap();
    for (name, value) in [
        ("id", alert.id.to_string()),
        ("level", alert.level.to_string()),
        ("description", alert.description.clone()),
    ] {
        assert!(page.contains(&format!("{name}: '{value}'")), "{name} {value}");
    }
}

#[test]
fn the_finding_that_is_shown_is_one() {
    let page = page();
    let [shown] = between(&page, "```json\n", "```")[..] else { panic!("one finding") };
    let shown: Json = from_str(shown).unwrap();
    let manager = Manager::new(rules());
    let alert = manager.judge(&Arrival::new(&shown)).unwrap();
    let title = shown.pointer("/rampart/rule/name").and_then(Json::as_str).unwrap();
    assert_eq!(alert.description, format!("Rampart: {title}"));
}

#[test]
fn rules_that_are_referred_to_are_there() {
    let page = page();
    let parents = between(&page, "<if_sid>", "</if_sid>");
    assert!(!parents.is_empty());
    for parent in parents {
        assert!(rules().iter().any(|rule| rule.id.to_string() == parent), "{parent}");
    }
}
