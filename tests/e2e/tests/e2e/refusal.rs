//! What cannot work says what is missing, with an exit code that scripts can use.

use std::{fs, process::Output};

use rampart_e2e::{Agent, rampart, text};
use rustix::process::Signal;

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn binary() -> String {
    rampart([]).unwrap().get_program().to_str().unwrap().to_owned()
}

fn in_shell(script: &str) -> Output {
    std::process::Command::new("/bin/sh").args(["-c", script]).output().unwrap()
}

#[test]
fn without_privileges_it_names_the_capabilities() {
    for wrapper in [
        "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all",
        "setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all",
    ] {
        for command in ["run", "events", "probe"] {
            // Through a copy that anybody may execute.
            let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            let folder = tempfile::Builder::new().permissions(everybody).tempdir().unwrap();
            let program = folder.path().join("rampart");
            fs::copy(binary(), &program).unwrap();
            let output = in_shell(&format!("{wrapper} {} {command}", program.display()));
            let error = stderr(&output);
            assert_eq!(output.status.code(), Some(77), "{wrapper} {command}: {error}");
            assert!(error.contains("CAP_BPF") && error.contains("CAP_PERFMON"), "{error}");
        }
    }
}

#[test]
fn without_type_information_it_says_so() {
    let script = format!("unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && {} run'", binary());
    let output = in_shell(&script);
    assert_eq!(output.status.code(), Some(69), "{}", stderr(&output));
    assert!(stderr(&output).contains("CONFIG_DEBUG_INFO_BTF"), "{}", stderr(&output));
}

#[test]
fn a_second_agent_is_refused() {
    let agent = Agent::start().unwrap();
    let output = rampart(["run", "--config"]).unwrap().arg(agent.config()).output().unwrap();
    assert_eq!(output.status.code(), Some(69), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("pid {}", agent.pid())), "{}", stderr(&output));
}

#[test]
fn a_broken_rule_is_reported_and_the_others_work() {
    let policies = tempfile::tempdir().unwrap();
    let good = "\
title: Marked
id: 5e0cbe6c-95d6-4f1c-9f6c-1d1d2b3b4c5d
status: test
description: A test's mark.
logsource: {product: linux, category: process_creation}
detection: {selection: {CommandLine|contains: rampart-e2e-mark}, condition: selection}
level: low
tags: [attack.t1496]
tests:
  match: [{CommandLine: x rampart-e2e-mark}]
  no_match: [{CommandLine: x}]
";
    fs::write(policies.path().join("good.yml"), good).unwrap();
    let bad = policies.path().join("bad.yml");
    fs::write(
        &bad,
        good.replace("CommandLine|contains", "ComandLine|contains").replace("5e0cbe6c", "6e0cbe6c"),
    )
    .unwrap();

    let check = rampart(["rules", "check"]).unwrap().arg(policies.path()).output().unwrap();
    assert_eq!(check.status.code(), Some(1), "{}", stderr(&check));
    let said = stderr(&check) + &String::from_utf8_lossy(&check.stdout);
    assert!(said.contains(&format!("{}:6:", bad.display())) && said.contains("`CommandLine`"), "{said}");

    let agent = Agent::start_with(&format!("policies: [{}]", policies.path().display())).unwrap();
    let health = agent.wait_for(|finding| text(finding, "/event/action") == "rule_refused").unwrap();
    assert!(text(&health, "/error/message").contains("bad.yml:6:"), "{health:#}");
    rampart_e2e::sh("true rampart-e2e-mark").unwrap();
    agent.wait_for(|finding| text(finding, "/rule/name") == "Marked").unwrap();
    assert!(agent.stop(Signal::INT).unwrap().status.success());
}

#[test]
fn bad_usage_and_bad_configuration_are_64() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bad.yml");
    fs::write(&config, "nonsense: 1\n").unwrap();
    let config = config.to_str().unwrap();
    for args in [
        &["frobnicate"][..],
        &["run", "--config", config],
        &["run", "--config", "/nowhere"],
        &["events", "--kind", "x"],
    ] {
        let output = rampart([]).unwrap().args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{args:?}: {}", stderr(&output));
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn probe_tells_of_every_hook() {
    let output = rampart(["probe", "--format", "json"]).unwrap().output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let probe: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let hooks = probe["hooks"].as_array().unwrap();
    assert!(!hooks.is_empty());
    for hook in hooks {
        assert!(hook["attached"] == true || !text(hook, "/reason").is_empty(), "{hook}");
    }
}
