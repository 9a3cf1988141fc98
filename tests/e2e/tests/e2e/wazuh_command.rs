//! `rampart wazuh`: a key by hand, and how the connection is.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Output};

use rampart_e2e::{PATIENCE, rampart, text};
use rampart_testkit::manager::Manager;
use rustix::process::Signal;
use serde_json::{Value as Json, json};

use crate::site::{PASSWORD, Site, assert_content, manager};

fn run(site: &Site, words: &[&str]) -> (Option<i32>, String) {
    let mut command = rampart(["wazuh"]).unwrap();
    let Output { status, stdout, stderr } =
        command.args(words).arg("--config").arg(site.path("rampart.yml")).output().unwrap();
    let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    (status.code(), said.into_owned())
}

fn write_config(site: &Site, sinks: &[&Json]) {
    fs::write(site.path("rampart.yml"), site.config(sinks, "node: e2e\nsca: {enabled: false}")).unwrap();
}

#[test]
fn a_key_that_was_got_by_hand_is_the_agents() {
    let manager = manager().start().unwrap();
    let site = Site::new();
    let sink = site.wazuh(&[&manager]);
    write_config(&site, &[&sink]);
    let (code, said) = run(&site, &["enroll"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("001"), "{said}");
    let key = site.path("state/wazuh/client.keys");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!said.contains(&manager.keys().keys()[0].secret), "a secret is told");
    let agent = site.start(&[&sink], "");
    assert!(manager.wait_for(PATIENCE, |manager| manager.has("001")), "{:?}", agent.log());
    agent.stop(Signal::INT).unwrap();
    assert_eq!(manager.registrations().len(), 1);
    assert_content(&manager);
}

#[test]
fn an_enrolment_that_fails_says_why_by_its_code() {
    for (password, is_there, code, words) in
        [("another one", true, 1, "etc/authd.pass"), (PASSWORD, false, 69, "check that the manager runs")]
    {
        let manager = Manager::builder().password(password).start().unwrap();
        let site = Site::new();
        write_config(&site, &[&site.wazuh(&[&manager])]);
        manager.refuse_connections(!is_there).unwrap();
        let (ended, said) = run(&site, &["enroll"]);
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(fs::metadata(site.path("state/wazuh/client.keys")).is_err());
    }
    let site = Site::new();
    write_config(&site, &[&json!({ "stdout": {} })]);
    let (ended, said) = run(&site, &["enroll"]);
    assert_eq!(ended, Some(64), "{said}");
}

#[test]
fn the_status_is_what_the_running_agent_says() {
    let manager = manager().start().unwrap();
    let site = Site::new();
    let mut sink = site.wazuh(&[&manager]);
    sink["wazuh"]["notify_seconds"] = json!(1);
    write_config(&site, &[&sink]);
    let status = || run(&site, &["status", "--format", "json"]);
    assert_eq!(status().0, Some(69), "nobody runs");
    let agent = site.start(&[&sink], "");
    assert!(manager.wait_for(PATIENCE, |manager| manager.has("001")), "{:?}", agent.log());
    site.wait_until(&agent, "it is connected", |_| status().0 == Some(0));
    let now: Json = serde_json::from_str(&status().1).unwrap();
    println!("{now:#}");
    assert_eq!(text(&now, "/state"), "connected");
    assert_eq!(text(&now, "/agent_id"), "001");
    assert_eq!(text(&now, "/manager"), manager.events_address().to_string());
    let (code, table) = run(&site, &["status"]);
    assert_eq!(code, Some(0));
    assert!(table.contains("connected") && table.contains("001"), "{table}");
    manager.kill();
    site.wait_until(&agent, "it is not connected", |_| status().0 == Some(1));
    site.wait_until(&agent, "the reason is told", |_| status().1.contains("check that the manager runs"));
    agent.stop(Signal::INT).unwrap();
    assert_eq!(status().0, Some(69), "nobody runs any more");
}
