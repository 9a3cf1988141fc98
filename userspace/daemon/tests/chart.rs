//! What the chart writes into rampart.yaml is what its values say, and the agent takes it. Needs helm.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

/// Where helm is; else it is looked for among the programs.
const HELM: &str = "RAMPART_HELM";

/// That no agent runs: the configuration was read and is good.
const NO_AGENT: i32 = 69;

const LEAST: [&str; 2] = ["manager.host=m", "manager.registrationPassword=hunter2"];

#[test]
fn the_agent_takes_the_configuration_of_every_set_of_values() {
    let Some(helm) = helm("the_agent_takes_the_configuration_of_every_set_of_values") else { return };
    let mut sets: Vec<PathBuf> =
        fs::read_dir(chart().join("ci")).unwrap().map(|entry| entry.unwrap().path()).collect();
    sets.sort();
    assert!(sets.len() > 5, "{sets:?}");
    for values in sets {
        let text = configuration(&helm, &["--values", values.to_str().unwrap()]);
        let folder = tempfile::tempdir().unwrap();
        let here = text.replace("/var/lib/rampart", folder.path().to_str().unwrap());
        let file = folder.path().join("rampart.yaml");
        fs::write(&file, here.replace("host_root: /host", "host_root: /")).unwrap();
        let mut status = Command::new(env!("CARGO_BIN_EXE_rampart"));
        let output = status.args(["wazuh", "status", "--config"]).arg(&file).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(NO_AGENT), "{}: {told}\n{text}", values.display());
    }
}

#[test]
fn the_configuration_says_what_the_values_say() {
    let Some(helm) = helm("the_configuration_says_what_the_values_say") else { return };
    let manager = |host: &str, port: u16| json!({ "host": host, "port": port, "enrolment_port": 1515 });
    let folders = ["rules", "exceptions", "placeholders"].map(|name| format!("/etc/rampart/policies/{name}"));
    for (set, pointer, expected) in [
        ("manager.port=7", "/sinks/1/wazuh/managers", json!([manager("m", 7)])),
        (
            "manager.failover.enabled=true,manager.failover.hosts[0].host=n,manager.failover.hosts[0].port=8",
            "/sinks/1/wazuh/managers",
            json!([manager("m", 1514), manager("n", 8)]),
        ),
        ("manager.groups={a,b}", "/sinks/1/wazuh/enrolment/groups", json!(["a", "b"])),
        ("global.clusterName=c", "/sinks/1/wazuh/labels", json!({ "cluster": "c" })),
        ("manager.tls.verify=none", "/sinks/1/wazuh/enrolment/verify", json!("none")),
        (
            "manager.tls.caSecret=s",
            "/sinks/1/wazuh/enrolment/tls/ca_file",
            json!("/etc/rampart/manager-ca/ca.crt"),
        ),
        (
            "manager.port=1514",
            "/sinks/1/wazuh/enrolment/password",
            json!({ "file": "/etc/rampart/secrets/password" }),
        ),
        ("compliance.cisLinux.profile=L2", "/sca/levels", json!({ "cis_kubernetes": 1, "cis_linux": 2 })),
        (
            "compliance.nist80053.enabled=false,compliance.hipaa.enabled=true",
            "/sca/policies",
            json!([
                "builtin/cis_kubernetes",
                "builtin/cis_linux",
                "builtin/hipaa",
                "builtin/runtime_threats",
                "/etc/rampart/policies/sca"
            ]),
        ),
        ("builtinRules.enabled=false,rules.a\\.yml=x", "/policies", json!(folders)),
        ("agent.listenAddress=::", "/listen", json!("[::]:9465")),
        ("agent.ringBytes=16777216", "/ring_bytes", json!(16_777_216)),
        ("agent.waitMilliseconds=0", "/kubernetes/wait_milliseconds", json!(0)),
        ("resultsApi.enabled=false", "/results", Value::Null),
        ("resultsApi.port=7", "/results/listen", json!("0.0.0.0:7")),
        ("agent.extraConfig.sca.command_seconds=9", "/sca/command_seconds", json!(9)),
        ("agent.extraConfig.sca.command_seconds=9", "/sca/cpu_percent", json!(25)),
    ] {
        let text = configuration(&helm, &["--set", &LEAST.join(","), "--set", set]);
        let config: Value = rampart_policy::yaml::deserialize(&text).unwrap();
        assert_eq!(config.pointer(pointer).unwrap_or(&Value::Null), &expected, "{set}: {text}");
    }
}

fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chart")
}

fn helm(test: &str) -> Option<PathBuf> {
    let program = env::var_os(HELM).map_or_else(|| "helm".into(), PathBuf::from);
    if Command::new(&program).arg("version").output().is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    println!("skipped {test}: there is no helm");
    None
}

/// The agent's configuration as the chart writes it.
fn configuration(helm: &Path, values: &[&str]) -> String {
    let mut template = Command::new(helm);
    template.args(["template", "test", "--namespace", "wazuh-system"]).arg(chart());
    // Helm as it is built from its sources takes a cluster for an old one.
    template.args(["--kube-version", "1.35.0", "--show-only", "templates/agent/configmap.yaml"]);
    let output = template.args(values).output().unwrap();
    let (text, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{values:?}: {told}");
    let map: Value = rampart_policy::yaml::deserialize(&text).unwrap();
    map.pointer("/data/rampart.yaml").and_then(Value::as_str).unwrap().to_owned()
}
