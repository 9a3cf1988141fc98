//! The file alone: that a manager takes it, and reads it as we mean it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use rampart_testkit::sample;

use crate::{
    arrival::Arrival,
    ruleset::{Rule, integration, rules, text},
};

/// What the manager keeps of a rule's groups in an alert.
const GROUPS_BYTES: usize = 1_023;

/// So many fields of an event are read, unless the manager is set up otherwise.
const FIELDS: usize = 256;

/// Names that the manager takes for fields of its own, which `<field>` cannot ask for.
const STATIC: [&str; 19] = [
    "srcip",
    "dstip",
    "srcport",
    "dstport",
    "srcuser",
    "dstuser",
    "user",
    "protocol",
    "action",
    "id",
    "url",
    "data",
    "extra_data",
    "status",
    "system_name",
    "systemname",
    "location",
    "hostname",
    "program_name",
];

#[test]
fn ids_are_ours_and_in_order() {
    let ids: Vec<u32> = rules().iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    assert!(ids.iter().all(|id| (117_000..=119_999).contains(id)), "{ids:?}");
}

#[test]
fn whatever_a_rule_refers_to_stands_before_it() {
    let mut before: Vec<Rule> = Vec::new();
    for rule in rules() {
        for parent in &rule.parents {
            assert!(before.iter().any(|other| other.id == *parent), "{}: {parent}", rule.id);
        }
        if let Some(history) = &rule.history {
            assert!(before.iter().any(|other| other.groups().any(|group| group == history.group)));
            // It would wait for itself.
            assert!(rule.groups().all(|group| group != history.group), "{}", rule.id);
            assert!(history.events >= 2 && history.seconds > 0, "{}", rule.id);
        }
        before.push(rule);
    }
}

#[test]
fn every_rule_says_what_a_manager_understands() {
    let is_technique = |id: &str| {
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = id.strip_prefix('T').unwrap_or_default();
        number.split_once('.').map_or(digits(number, 4), |(of, sub)| digits(of, 4) && digits(sub, 3))
    };
    let prefixes = ["rampart", "pci_dss_", "nist_800_53_", "hipaa_", "tsc_", "cis_k8s_", "cis_linux_"];
    for rule in rules() {
        let id = rule.id;
        assert!(rule.level <= 16, "{id}");
        assert!(!rule.description.is_empty() && rule.description.len() < 1_024, "{id}");
        assert!(
            rule.techniques.iter().all(|technique| is_technique(technique)),
            "{id}: {:?}",
            rule.techniques
        );
        assert!(rule.groups.len() <= GROUPS_BYTES, "{id}");
        assert!(rule.groups.starts_with("rampart,") && rule.groups.ends_with(','), "{id}: {}", rule.groups);
        for group in rule.groups() {
            assert!(prefixes.iter().any(|prefix| group.starts_with(prefix)), "{id}: {group}");
        }
        assert_eq!(rule.groups().collect::<BTreeSet<_>>().len(), rule.groups().count(), "{id}");
        assert!(rule.fields.iter().all(|(name, _)| name.starts_with("rampart.")), "{id}");
    }
}

/// The manager's reader knows no entities.
#[test]
fn the_text_needs_no_entities() {
    let text = text();
    assert!(text.is_ascii() && !text.contains('&') && !text.contains('\t'));
}

#[test]
fn every_rule_of_ours_keeps_its_number() {
    let kept = fs::read_to_string(integration("rule_ids.toml")).unwrap();
    let kept: BTreeMap<&str, &str> = kept.lines().filter_map(|line| line.split_once(" = ")).collect();
    let mut known = 0;
    for rule in rules() {
        for (_, pattern) in rule.fields.iter().filter(|(name, _)| name == "rampart.rule.id") {
            let name = pattern.text().trim_start_matches('^').trim_end_matches('$');
            assert_eq!(kept.get(format!("\"{name}\"").as_str()), Some(&rule.id.to_string().as_str()));
            known += 1;
        }
    }
    assert!(known > 300, "{known}");
}

#[test]
fn no_field_of_a_finding_is_one_of_the_managers_own() {
    for event in sample::all_events() {
        let fields = Arrival::of_event(event).fields;
        assert!(fields.len() < FIELDS, "{}", fields.len());
        for name in fields.keys() {
            assert!(name.starts_with("rampart.") && !STATIC.contains(&name.as_str()), "{name}");
        }
    }
}
