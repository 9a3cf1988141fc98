//! A manager that gives no key: the agent says why and what to do, and does the rest of its work.

use std::fs;

use rampart_e2e::text;
use rampart_testkit::manager::{KeyStore, Manager, ManagerBuilder};
use rustix::process::Signal;
use serde_json::{Value as Json, json};

use crate::site::{NAME, Site, manager};

struct Refusal {
    what: &'static str,
    manager: fn(ManagerBuilder) -> ManagerBuilder,
    /// What is changed in the sink's configuration, at which JSON pointer.
    change: Option<(&'static str, Json)>,
    /// What the log says of why, and of what to do.
    log: [&'static str; 2],
    /// How the metric calls it.
    reason: &'static str,
}

fn refusals() -> [Refusal; 6] {
    let whom = "whom the configuration trusts";
    let refusal = |what, log, reason| Refusal { what, manager: |manager| manager, change: None, log, reason };
    [
        Refusal {
            manager: |manager| manager.password("another one"),
            ..refusal("a wrong password", ["Invalid password", "etc/authd.pass"], "invalid_password")
        },
        Refusal {
            manager: ManagerBuilder::foreign_certificate,
            ..refusal("an unknown authority", ["is of nobody whom we trust", whom], "tls")
        },
        Refusal {
            manager: ManagerBuilder::expired_certificate,
            ..refusal("an expired certificate", ["expired", whom], "tls")
        },
        Refusal {
            manager: |manager| manager.max_version("v3.13.6").unwrap(),
            ..refusal(
                "a manager that is too old",
                ["Agent version must be lower", "set a lower version"],
                "version_too_high",
            )
        },
        Refusal {
            manager: |manager| {
                let keys = KeyStore::new();
                keys.add(NAME, None).unwrap();
                manager.keys(&keys)
            },
            ..refusal(
                "a name that is taken",
                ["Duplicate agent name", "restore its key file"],
                "duplicate_name",
            )
        },
        Refusal {
            change: Some(("/wazuh/enrolment/groups", json!(["nobodys"]))),
            ..refusal("an unknown group", ["Invalid group: nobodys", "agent_groups"], "invalid_group")
        },
    ]
}

#[test]
fn an_agent_without_a_key_says_why_and_detects() {
    for Refusal { what, manager: how, change, log, reason } in refusals() {
        let manager: Manager = how(manager()).start().unwrap();
        let site = Site::new();
        let mut wazuh = site.wazuh(&[&manager]);
        if let Some((pointer, value)) = change {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            wazuh.pointer_mut(parent).unwrap()[key] = value;
        }
        let agent = site.start(&[&json!({ "stdout": { "format": "json" } }), &wazuh], "");
        agent
            .wait_for_log(|text| text.lines().any(|line| log.iter().all(|words| line.contains(words))))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let series = format!("rampart_manager_failures_total{{reason=\"{reason}\",sink=\"wazuh\"}}");
        site.wait_until(&agent, &format!("{what}: {series}"), |site| site.value(&series) > 0);
        site.make(0..1, 1);
        agent.wait_for(|finding| text(finding, "/file/path").ends_with("/numbered/0")).unwrap();
        let ready = site.telemetry.get("/readyz").unwrap();
        assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("wazuh: "), "{what}: {ready}");
        let ended = agent.stop(Signal::INT).unwrap();
        assert!(ended.status.success(), "{what}: {:?}", ended.log);
        assert!(manager.violations().is_empty(), "{what}: {:?}", manager.violations());
        // None may have been kept.
        assert!(fs::metadata(site.path("state/wazuh/client.keys")).is_err(), "{what}");
    }
}
