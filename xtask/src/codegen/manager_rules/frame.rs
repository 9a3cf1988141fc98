//! The rules of the manager that are not made from ours: what comes from rampart, what is unknown, rampart's health, and
//! several findings together.

use std::fmt::Write as _;

use rampart_model::Severity;

use super::{
    numbers::RANGE,
    rule::{COMMON_GROUPS, Condition, ManagerRule, Window},
};

const BASE: u32 = 117_000;
const ALERT: u32 = 117_001;
const HEALTH: u32 = 117_002;
const OTHER_KIND: u32 = 117_003;
const TOLD_AGAIN: u32 = 117_004;
const COMPLETED: u32 = 117_005;
const FIRST_SEVERITY: u32 = 117_010;
const OTHER_SEVERITY: u32 = 117_019;
const FIRST_HEALTH: u32 = 117_020;
const FIRST_CORRELATION: u32 = 119_900;
const LAST_CORRELATION: u32 = 119_999;

/// Every finding of a rule.
const ALERT_GROUP: &str = "rampart_alert";

/// Those of severity high and critical.
const SEVERE_GROUP: &str = "rampart_severe";

/// Findings that have been told before, and are no alerts again.
const COMPLETED_GROUP: &str = "rampart_completed";

const HEALTH_GROUP: &str = "rampart_health";
const CORRELATION_GROUP: &str = "rampart_correlation";

/// Controls against a detection that is blind without anybody knowing.
const BLINDNESS: [&str; 4] = ["nist_800_53_AU.5", "pci_dss_10.7.2", "hipaa_164.312.b", "tsc_CC7.2"];

pub(super) const FOOT: &str = "\n</group>\n";

/// The level of a severity. The manager's dashboards count 0 to 6 as low, 7 to 11 as medium, 12 to 14 as high and 15 as
/// critical; from 12 on it sends e-mail, below 3 it tells nothing.
pub(super) const fn level(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 3,
        Severity::Low => 5,
        Severity::Medium => 8,
        Severity::High => 12,
        Severity::Critical => 15,
    }
}

/// The rule that holds all findings of a severity.
pub(super) const fn severity_rule(severity: Severity) -> u32 {
    FIRST_SEVERITY
        + match severity {
            Severity::Informational => 0,
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        }
}

/// What a finding of a rule belongs to by its severity.
pub(super) fn groups(severity: Severity) -> Vec<String> {
    let severe = (severity >= Severity::High).then_some(SEVERE_GROUP);
    [ALERT_GROUP].into_iter().chain(severe).map(str::to_owned).collect()
}

pub(super) fn field(name: &'static str, pattern: impl Into<String>) -> Condition {
    Condition::Field { name, pattern: pattern.into() }
}

/// What stands before all rules.
pub(super) fn head() -> String {
    let (first, last) = (RANGE.start(), RANGE.end());
    let mut head = format!(
        "\
<!--
  Rules of a Wazuh manager 4.x for the findings of rampart. docs/wazuh.md says how to install them and what they mean.
  Made by `cargo xtask codegen` from policies/ and rule_ids.toml: change those.

  {BASE} to 117009  what comes from rampart, by kind
  {FIRST_SEVERITY} to {OTHER_SEVERITY}  findings of rules that this file does not know, by severity
  {FIRST_HEALTH} to 117099  rampart's own health
  {first} to {last}  one for each rule of rampart, which keeps its number for good
  {FIRST_CORRELATION} to {LAST_CORRELATION}  several findings together

  Level by severity:"
    );
    for severity in Severity::ALL {
        write!(
            head,
            " {severity} {}{}",
            level(severity),
            if severity == Severity::Critical { "." } else { "," }
        )
        .unwrap_or_default();
    }
    head + &format!("\n-->\n<group name=\"{COMMON_GROUPS}\">\n")
}

/// The rules that others refer to.
pub(super) fn before() -> Vec<ManagerRule> {
    let mut rules = kinds();
    rules.extend(severities());
    rules.extend(health());
    rules
}

/// Of the rules below one, the manager tries those of level 0 first, then the highest level first, and of one level in the
/// order of the file. So those without a condition of their own get what all others leave.
fn kinds() -> Vec<ManagerRule> {
    let kind = |pattern| field("rampart.event.kind", pattern);
    vec![
        fixed(
            BASE,
            0,
            vec![
                Condition::DecodedAs("json"),
                // Nobody who can write into a log that the manager reads makes a finding.
                Condition::Location("rampart$"),
                field("rampart.schema", r"\.+"),
            ],
            "Rampart: anything",
            &[],
        ),
        fixed(ALERT, 0, vec![below(BASE), kind("^alert$")], "Rampart: finding of a rule", &[ALERT_GROUP]),
        fixed(HEALTH, 7, vec![below(BASE), kind("^pipeline_error$")], MESSAGE, &[HEALTH_GROUP]),
        fixed(OTHER_KIND, 3, vec![below(BASE)], MESSAGE, &[]),
        // Of level 0, so that it is tried before those of severities; what is below it is all that comes of it.
        fixed(
            TOLD_AGAIN,
            0,
            vec![below(ALERT), field("rampart.completeness", "^completed$")],
            "Rampart: finding told before",
            &[],
        ),
        fixed(
            COMPLETED,
            3,
            vec![below(TOLD_AGAIN)],
            "Rampart: what is known since of the pod of an earlier finding: $(rampart.rule.name)",
            &[COMPLETED_GROUP],
        ),
    ]
}

/// A finding's own sentence. The manager cuts it after 1,024 bytes.
const MESSAGE: &str = "Rampart: $(rampart.message)";

/// Findings of people's own rules, and of rules that are newer than the file.
fn severities() -> Vec<ManagerRule> {
    let of_severity = |severity: Severity| ManagerRule {
        groups: groups(severity),
        ..fixed(
            severity_rule(severity),
            level(severity),
            vec![below(ALERT), field("rampart.severity", format!("^{severity}$"))],
            RULE_NAME,
            &[],
        )
    };
    let other = fixed(OTHER_SEVERITY, 3, vec![below(ALERT)], RULE_NAME, &[ALERT_GROUP]);
    Severity::ALL.map(of_severity).into_iter().chain([other]).collect()
}

/// The title of a rule that the file does not know.
const RULE_NAME: &str = "Rampart: $(rampart.rule.name)";

/// What is not here has the level of [`HEALTH`].
fn health() -> Vec<ManagerRule> {
    let blind = || [HEALTH_GROUP].into_iter().chain(BLINDNESS).collect::<Vec<_>>();
    let rows = [
        (10, "^events_lost$", blind()),
        (11, "^module_ended$", blind()),
        (8, "^events_summarised$", vec![HEALTH_GROUP]),
        // It is over: for the record.
        (
            3,
            "^events_lost_ended$|^findings_limited_ended$|^events_summarised_ended$|^findings_dropped_ended$|^spool_unavailable_ended$",
            vec![HEALTH_GROUP],
        ),
        (10, "^findings_dropped$", blind()),
        (8, "^spool_unavailable$", vec![HEALTH_GROUP]),
    ];
    let rule = |(id, (level, action, groups)): (u32, (u8, &str, Vec<&str>))| {
        fixed(id, level, vec![below(HEALTH), field("rampart.event.action", action)], MESSAGE, &groups)
    };
    (FIRST_HEALTH..).zip(rows).map(rule).collect()
}

/// The rules that look at several findings. Their level is the highest of a single finding's, or a critical one would be told
/// with less.
pub(super) fn after() -> Vec<ManagerRule> {
    let rows = [
        (
            Window { events: 3, seconds: 300 },
            vec![Condition::DifferentField("rampart.rule.id")],
            "Rampart: several different severe findings on one node, the last: $(rampart.rule.name)",
        ),
        (
            Window { events: 2, seconds: 600 },
            vec![
                Condition::SameField("rampart.threat.technique.id"),
                Condition::DifferentField("rampart.host.name"),
                Condition::GlobalFrequency,
            ],
            "Rampart: the same technique on several nodes, the last finding: $(rampart.rule.name)",
        ),
    ];
    let rule = |(id, (window, mut more, description)): (u32, (Window, Vec<Condition>, &str))| {
        let mut conditions = vec![Condition::IfMatchedGroup(SEVERE_GROUP)];
        conditions.append(&mut more);
        let window = Some(window);
        let level = level(Severity::Critical);
        ManagerRule { window, ..fixed(id, level, conditions, description, &[CORRELATION_GROUP]) }
    };
    (FIRST_CORRELATION..=LAST_CORRELATION).zip(rows).map(rule).collect()
}

const fn below(parent: u32) -> Condition {
    Condition::IfSid(parent)
}

fn fixed(id: u32, level: u8, conditions: Vec<Condition>, description: &str, groups: &[&str]) -> ManagerRule {
    ManagerRule {
        id,
        level,
        window: None,
        conditions,
        description: description.to_owned(),
        techniques: Vec::new(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}
