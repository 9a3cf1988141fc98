//! Controls as the manager knows them: by the beginning of a group's name it makes `rule.pci_dss` and its like.

use rampart_model::{ControlRef, Framework};

/// The groups of controls, each once and in the controls' order.
pub(super) fn groups(controls: &[ControlRef]) -> Vec<String> {
    let mut groups = Vec::new();
    for group in controls.iter().flat_map(of_control) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// Ids are written as the manager's own rules write them, or its dashboards would not know them.
fn of_control(control: &ControlRef) -> Vec<String> {
    let id = &*control.id;
    match control.framework {
        Framework::Nist80053 => nist(id),
        Framework::PciDss => vec![format!("pci_dss_{id}")],
        Framework::Hipaa => vec![format!("hipaa_{}", hipaa(id))],
        Framework::Soc2 => vec![format!("tsc_{}", id.to_ascii_uppercase())],
        // The manager makes `rule.cis` of all benchmarks: the rest of the name says which.
        Framework::CisK8s => vec![format!("cis_k8s_{id}")],
        Framework::CisLinux => vec![format!("cis_linux_{id}")],
    }
}

/// `si-4.4` is `SI.4.4`, and `SI.4` as well: dashboards count by controls, and an enhancement is a part of its control.
fn nist(id: &str) -> Vec<String> {
    let name = id.to_ascii_uppercase().replacen('-', ".", 1);
    let mut parts = name.splitn(3, '.');
    let control = match (parts.next(), parts.next(), parts.next()) {
        (Some(family), Some(number), Some(_)) => Some(format!("nist_800_53_{family}.{number}")),
        _ => None,
    };
    control.into_iter().chain([format!("nist_800_53_{name}")]).collect()
}

/// `164.312.a.2.iv` is `164.312.a.2.IV`: from the fifth part on, numerals and letters are capital ones.
fn hipaa(id: &str) -> String {
    let part = |(place, part): (usize, &str)| {
        if place < 4 { part.to_owned() } else { part.to_ascii_uppercase() }
    };
    id.split('.').enumerate().map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use rampart_model::ControlRef;

    use super::groups;

    #[test]
    fn controls_are_written_as_the_manager_writes_them() {
        for (tag, expected) in [
            ("nist_800_53.si-4", "nist_800_53_SI.4"),
            ("nist_800_53.ac-6.10", "nist_800_53_AC.6 nist_800_53_AC.6.10"),
            ("pci_dss.10.2.1.1", "pci_dss_10.2.1.1"),
            ("hipaa.164.312.b", "hipaa_164.312.b"),
            ("hipaa.164.312.a.2.iv", "hipaa_164.312.a.2.IV"),
            ("hipaa.164.308.a.5.ii.b", "hipaa_164.308.a.5.II.B"),
            ("soc2.cc7.2", "tsc_CC7.2"),
            ("soc2.a1.2", "tsc_A1.2"),
            ("cis_k8s.5.2.1", "cis_k8s_5.2.1"),
            ("cis_linux.4.1.1.2", "cis_linux_4.1.1.2"),
        ] {
            let control: ControlRef = tag.parse().unwrap();
            assert_eq!(groups(&[control]).join(" "), expected);
        }
    }

    #[test]
    fn a_control_is_named_once() {
        let controls = ["nist_800_53.si-4", "nist_800_53.si-4.4", "nist_800_53.si-4.18"];
        let controls = controls.map(|tag| tag.parse::<ControlRef>().unwrap());
        assert_eq!(groups(&controls).join(" "), "nist_800_53_SI.4 nist_800_53_SI.4.4 nist_800_53_SI.4.18");
    }
}
