//! What checks answer, by the catalogues in the binary.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use rampart_policy::{Mode, embedded_catalogue};
use rampart_sca::{Check, parse};

fn check(compliance: &str) -> Check {
    let text = format!(
        "policy: {{ id: a, name: b, file: c, description: d }}\n\
         checks: [ {{ id: 1, title: t, condition: all, rules: ['f:/x'], compliance: [{compliance}] }} ]\n"
    );
    let policy = parse("a.yml", text.as_bytes(), embedded_catalogue(), Mode::Lenient).policy.unwrap();
    policy.checks.first().unwrap().clone()
}

#[test]
fn ids_are_controls_in_every_spelling() {
    for (compliance, expected) in [
        ("cis_k8s: ['4.2.1']", "cis_k8s.4.2.1"),
        ("cis_linux: ['1.1.2', '1.1.1.1', '1.1.2']", "cis_linux.1.1.1.1 cis_linux.1.1.2"),
        ("nist_800_53: [SI-4, ia-2, AC-6(9), SI.4]", "nist_800_53.ac-6.9 nist_800_53.ia-2 nist_800_53.si-4"),
        ("nist_sp_800-53: ['AC-6(9)']", "nist_800_53.ac-6.9"),
        ("pci_dss: ['2.2.1', '99.1']", "pci_dss.2.2.1"),
        ("pci_dss_v4.0: ['2.2.1']", "pci_dss.2.2.1"),
        ("pci_dss_v3.2.1: ['2.2.1']", ""),
        ("hipaa: ['164.312(a)(2)(i)', 164.312.b]", "hipaa.164.312.a.2.i hipaa.164.312.b"),
        ("soc2: [CC6.1], ", "soc2.cc6.1"),
        ("soc_2: [CC6.1]", "soc2.cc6.1"),
        ("tsc: [CC6.1]", "soc2.cc6.1"),
        ("cis: ['1.1.1']", ""),
        ("mitre_techniques: [T1496]", ""),
        ("soc2: [CC6.1]}, {hipaa: [164.312.b]", "hipaa.164.312.b soc2.cc6.1"),
    ] {
        let check = check(&format!("{{ {compliance} }}"));
        let controls: Vec<String> =
            check.controls(embedded_catalogue()).iter().map(ToString::to_string).collect();
        assert_eq!(controls.join(" "), expected, "{compliance}");
    }
}

#[test]
fn techniques_are_the_catalogues() {
    let check = check("{ mitre_techniques: [T1496, T9999, t1552.005] }, { cis_level: ['2'] }");
    let techniques = check.techniques(embedded_catalogue());
    let ids: Vec<&str> = techniques.iter().map(|entry| &*entry.technique.id).collect();
    assert_eq!((ids, check.level()), (vec!["T1496", "T1552.005"], Some(2)));
}
