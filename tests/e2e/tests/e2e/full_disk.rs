//! A disk that is full: findings are made, told and delivered all the same, and everybody hears of it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use rampart_e2e::{PATIENCE, sh, text};
use rampart_testkit::manager::Manager;
use rustix::process::Signal;
use serde_json::json;

use crate::site::{NUMBERS, Site, assert_complete, assert_content, manager};

/// A small disk, until it is dropped.
struct Disk {
    at: PathBuf,
}

impl Disk {
    fn mount(at: &Path) -> Self {
        sh(&format!("mount -t tmpfs -o size=8m none {}", at.display())).unwrap();
        Self { at: at.to_owned() }
    }

    /// Leaves no room on it.
    fn fill(&self) {
        let mut ballast = fs::File::create(self.at.join("ballast")).unwrap();
        while ballast.write(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.at.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // By its end nobody may be in it any more: what still is keeps it, and not its name.
        sh(&format!("umount -l {}", self.at.display())).map(drop).unwrap_or_default();
    }
}

fn has(manager: &Manager, number: u64) -> bool {
    manager.wait_for(PATIENCE, |manager| manager.ids().contains(&number))
}

#[test]
fn without_room_on_disk_findings_are_told_and_delivered_all_the_same() {
    let manager = manager().keep(NUMBERS).start().unwrap();
    let site = Site::new();
    let disk = Disk::mount(&site.path("state"));
    let (stdout, wazuh) = (json!({ "stdout": { "format": "json" } }), site.wazuh(&[&manager]));
    let sinks = [&stdout, &wazuh];
    // It has a key, and nothing else.
    let agent = site.start(&sinks, "");
    assert!(manager.wait_for(PATIENCE, |manager| manager.has("001")), "{:?}", agent.log());
    agent.stop(Signal::INT).unwrap();
    fs::remove_file(site.path("state/rampart.redb")).unwrap();
    disk.fill();

    let agent = site.start(&sinks, "");
    agent.wait_for(|finding| text(finding, "/event/action") == "spool_unavailable").unwrap();
    agent.wait_for_log(|log| log.contains("cannot be kept on disk")).unwrap();
    site.make(0..1, 1);
    agent.wait_for(|finding| text(finding, "/file/path").ends_with("/numbered/0")).unwrap();
    assert!(has(&manager, 0), "{:?}", agent.log());

    // Nobody takes them now, and only memory keeps them.
    manager.kill();
    site.make(1..5, 100);
    site.wait_until(&agent, "memory keeps them", |site| {
        site.value("rampart_spool_memory_messages{sink=\"wazuh\"}") >= 4
    });
    assert!(site.value("rampart_spool_write_errors_total") > 0);
    let ready = site.telemetry.get("/readyz").unwrap();
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("degraded"), "{ready}");
    manager.revive().unwrap();
    assert!(has(&manager, 4), "{:?}", agent.log());

    disk.make_room();
    agent.wait_for_log(|log| log.contains("kept on disk again")).unwrap();
    agent.wait_for(|finding| text(finding, "/event/action") == "spool_unavailable_ended").unwrap();
    let ready = site.telemetry.get("/readyz").unwrap();
    assert!(!ready.contains("degraded"), "{ready}");
    manager.kill();
    site.make(5..10, 100);
    site.wait_until(&agent, "the disk keeps them", |site| {
        site.waiting() >= 5 && site.value("rampart_spool_memory_messages{sink=\"wazuh\"}") == 0
    });
    agent.stop(Signal::KILL).unwrap();
    manager.revive().unwrap();
    let agent = site.start(&sinks, "");
    assert!(has(&manager, 9), "{:?}", agent.log());
    agent.stop(Signal::INT).unwrap();
    assert_complete(&manager.ids(), 0..10);
    assert_content(&manager);
}
