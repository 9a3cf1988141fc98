//! The catalogues in the binary: whether they are whole, and whether every technique means something to an auditor.

#![forbid(unsafe_code)]

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use rampart_model::{ControlRef, Framework};
use rampart_policy::{Catalogue, Mode, embedded, load_dir};

const TACTICS: [(&str, &str); 14] = [
    ("reconnaissance", "TA0043"),
    ("resource-development", "TA0042"),
    ("initial-access", "TA0001"),
    ("execution", "TA0002"),
    ("persistence", "TA0003"),
    ("privilege-escalation", "TA0004"),
    ("defense-evasion", "TA0005"),
    ("credential-access", "TA0006"),
    ("discovery", "TA0007"),
    ("lateral-movement", "TA0008"),
    ("collection", "TA0009"),
    ("command-and-control", "TA0011"),
    ("exfiltration", "TA0010"),
    ("impact", "TA0040"),
];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| embedded().catalogue);

fn frameworks<'c>(controls: impl IntoIterator<Item = &'c ControlRef>) -> BTreeSet<Framework> {
    controls.into_iter().map(|control| control.framework).collect()
}

#[test]
fn every_catalogue_is_whole() {
    let catalogue = &*CATALOGUE;
    let counted = Framework::ALL.map(|framework| {
        let controls = catalogue.controls().filter(|control| control.reference.framework == framework);
        (framework.name(), controls.count())
    });
    let expected = [
        ("cis_k8s", 130),
        ("cis_linux", 237),
        ("nist_800_53", 516),
        ("pci_dss", 250),
        ("hipaa", 17),
        ("soc2", 43),
    ];
    assert_eq!(counted, expected);
    assert!(Framework::ALL.iter().all(|framework| catalogue.version(*framework).is_some()));
    assert_eq!(catalogue.attack_version().map(|version| &**version), Some("18.1"));
    assert_eq!(catalogue.techniques().count(), 412);
}

/// What no framework lets go without: a hole in the numbers of a catalogue would be a mistake in copying them.
#[test]
fn known_controls_are_there() {
    let catalogue = &*CATALOGUE;
    for tag in [
        "cis_k8s.1.1.1",
        "cis_k8s.4.2.1",
        "cis_k8s.5.2.1",
        "cis_k8s.5.7.4",
        "cis_linux.1.1.1.1",
        "cis_linux.4.1.14",
        "cis_linux.6.2.20",
        "nist_800_53.ac-6.9",
        "nist_800_53.ac-17.2",
        "nist_800_53.si-4",
        "nist_800_53.si-4.2",
        "nist_800_53.sr-12",
        "pci_dss.1.1.1",
        "pci_dss.11.5.1",
        "pci_dss.11.5.1.1",
        "pci_dss.12.10.7",
        "hipaa.164.308.a.1.ii.d",
        "hipaa.164.312.a.2.iii",
        "hipaa.164.312.b",
        "hipaa.164.312.e.2.ii",
        "soc2.cc1.1",
        "soc2.cc7.2",
        "soc2.a1.3",
        "soc2.pi1.5",
    ] {
        assert!(catalogue.control(&tag.parse().unwrap()).is_some(), "{tag}");
    }
    // Withdrawn with revision 5.
    for tag in ["nist_800_53.sa-12", "nist_800_53.si-9", "nist_800_53.ac-13"] {
        assert!(catalogue.control(&tag.parse().unwrap()).is_none(), "{tag}");
    }
}

#[test]
fn controls_are_told_in_a_few_words() {
    for control in CATALOGUE.controls() {
        let (title, reference) = (&control.title, &control.reference);
        assert!((8..=70).contains(&title.len()), "{reference}: {title}");
        assert!(!title.ends_with('.') && !control.family.is_empty(), "{reference}: {title}");
    }
}

#[test]
fn every_tactic_is_there() {
    let catalogue = &*CATALOGUE;
    for (name, id) in TACTICS {
        assert_eq!(catalogue.tactic(name).map(|tactic| &*tactic.id), Some(id));
    }
    let known = TACTICS.map(|(_, id)| id);
    for entry in catalogue.techniques() {
        let technique = &entry.technique;
        assert!(!technique.tactics.is_empty(), "{}", technique.id);
        assert!(technique.tactics.iter().all(|tactic| known.contains(&&*tactic.id)), "{technique:?}");
    }
}

#[test]
fn every_technique_answers_three_frameworks() {
    let catalogue = &*CATALOGUE;
    for entry in catalogue.techniques() {
        assert!(frameworks(&entry.controls).len() >= 3, "{entry:?}");
        assert!(entry.controls.iter().all(|control| catalogue.control(control).is_some()), "{entry:?}");
    }
    assert_eq!(frameworks(catalogue.techniques().flat_map(|entry| &entry.controls)).len(), 6);
}

#[test]
fn sub_techniques_imply_what_their_techniques_do() {
    let catalogue = &*CATALOGUE;
    let mut count = 0;
    for entry in catalogue.techniques() {
        let Some((parent, _)) = entry.technique.id.split_once('.') else { continue };
        let parent = catalogue.technique(parent).unwrap();
        assert!(parent.controls.iter().all(|control| entry.controls.contains(control)), "{entry:?}");
        count += 1;
    }
    assert_eq!(count, 240);
}

/// The process reads the catalogues once and hands out copies; a folder that has them all is read by itself.
#[test]
fn a_copy_is_what_the_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/controls");
    let loaded = load_dir(&folder, Mode::Strict).unwrap();
    assert_eq!(loaded.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(loaded.files, 7);
    assert!(loaded.catalogue == *CATALOGUE);
    let empty = tempfile::tempdir().unwrap();
    assert!(load_dir(empty.path(), Mode::Lenient).unwrap().catalogue == loaded.catalogue);
}
