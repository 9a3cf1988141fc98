//! Least privilege: what is not needed any more is given up.

use std::fs;

use rampart_e2e::{Agent, rampart, text};
use serde_json::Value as Json;

/// CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF (include/uapi/linux/capability.h).
const KEPT: u64 = 1 << 2 | 1 << 19 | 1 << 38 | 1 << 39;

#[test]
fn every_thread_keeps_four_capabilities_at_most() {
    let agent = Agent::start().unwrap();
    let threads: Vec<_> =
        fs::read_dir(format!("/proc/{}/task", agent.pid())).unwrap().map(Result::unwrap).collect();
    assert!(threads.len() > 2, "reader, pipeline and the main thread");
    for thread in threads {
        let status = fs::read_to_string(thread.path().join("status")).unwrap();
        let field =
            |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        for set in ["CapEff:", "CapPrm:"] {
            let held = u64::from_str_radix(&field(set), 16).unwrap();
            assert_eq!(held & !KEPT, 0, "{set} {held:x}");
        }
        assert_eq!(field("CapInh:"), "0000000000000000");
        assert_eq!(field("NoNewPrivs:"), "1");
    }
}

#[test]
fn four_capabilities_are_enough() {
    // tracefs is mounted: that is what CAP_SYS_ADMIN would be for.
    let wanted = "+bpf,+perfmon,+sys_ptrace,+dac_read_search";
    let mut all = rampart(["probe", "--format", "json"]).unwrap();
    let mut four = std::process::Command::new("setpriv");
    four.args(["--bounding-set", &format!("-all,{wanted}"), "--inh-caps", "-all"])
        .arg(all.get_program())
        .args(["probe", "--format", "json"]);
    assert_eq!(attached(&mut four), attached(&mut all));
}

/// The hooks that a probe could attach.
fn attached(probe: &mut std::process::Command) -> Vec<String> {
    let output = probe.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let probe: Json = serde_json::from_slice(&output.stdout).unwrap();
    let hooks = probe["hooks"].as_array().unwrap().iter();
    hooks.filter(|hook| hook["attached"] == true).map(|hook| text(hook, "/program")).collect()
}
