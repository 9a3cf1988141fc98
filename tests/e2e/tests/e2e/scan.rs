//! `rampart sca scan` on this machine as it is: every check of the seven policies has a result, and says what it rests on.

use rampart_e2e::rampart;
use serde_json::Value as Json;

#[test]
fn every_check_has_a_result_and_its_evidence() {
    let output = rampart(["sca", "scan", "--format", "json"]).unwrap().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let policies = report["policies"].as_array().unwrap();
    assert_eq!(policies.len(), 7);
    let mut checks = 0;
    for policy in policies {
        let of = policy["checks"].as_array().unwrap();
        checks += of.len();
        let counted =
            ["passed", "failed", "invalid"].map(|key| policy[key].as_u64().unwrap()).iter().sum::<u64>();
        assert_eq!(counted, of.len() as u64, "{}", policy["id"]);
        for check in of {
            let rules = check["evidence"]["rules"].as_array().unwrap();
            let says_why = check["result"] != "not applicable" || check["reason"].is_string();
            assert!(!rules.is_empty() && says_why, "{check:#}");
            assert!(rules.iter().all(|rule| rule["expected"].is_string() && rule["observed"].is_array()));
        }
    }
    assert_eq!(checks, 167);
}

#[test]
fn the_table_is_of_all_policies() {
    let output = rampart(["sca", "scan"]).unwrap().output().unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    for policy in
        ["cis_kubernetes", "cis_linux", "hipaa", "nist_800_53", "pci_dss", "runtime_threats", "soc2"]
    {
        assert!(table.contains(&format!("(rampart_{policy})")), "{policy} is not in\n{table}");
    }
    assert!(!table.contains('\x1b'), "a pipe is no terminal");
}
