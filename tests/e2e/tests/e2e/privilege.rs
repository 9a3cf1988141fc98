//! Least privilege: what is not needed any more is given up.

use std::fs;

use rampart_e2e::{Agent, rampart};
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
    let binary = rampart([]).unwrap();
    let output = std::process::Command::new("setpriv")
        .args(["--bounding-set", &format!("-all,{wanted}"), "--inh-caps", "-all"])
        .arg(binary.get_program())
        .args(["probe", "--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let probe: Json = serde_json::from_slice(&output.stdout).unwrap();
    for hook in probe["hooks"].as_array().unwrap() {
        assert_eq!(hook["attached"], true, "{hook}");
    }
}
