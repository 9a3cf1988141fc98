use super::{Figures, Files, Pair};
use crate::bench::sca::{agent::Footprint, lynis::Audit, measured::Cost, scan::Scan};

/// A scan by seven policies that took so long, and its longest command so many milliseconds.
fn scan(wall: f64, longest: u32) -> Scan {
    let policy = serde_json::json!({ "passed": 20, "failed": 4, "invalid": 0 });
    let skipped = serde_json::json!({ "passed": 0, "failed": 0, "invalid": 9, "skipped": { "title": "t" } });
    let mut policies = vec![policy; 7];
    policies.push(skipped);
    let report = serde_json::json!({
        "started": "2026-12-01T00:00:00.000000000Z",
        "ended": "2026-12-01T00:00:00.020000000Z",
        "longest_command": { "command": format!("find {}", "x".repeat(80)), "took_ms": longest },
        "policies": policies,
    });
    let report = serde_json::from_value(report).unwrap();
    Scan { report, cost: Cost { wall, cpu: wall * 1.5 }, peak: Some(15.5) }
}

fn pair(wall: f64, longest: u32, theirs: f64) -> Pair {
    let cost = Cost { wall: theirs, cpu: theirs / 2.0 };
    Pair { ours: scan(wall, longest), theirs: Some(Audit { version: "3.0.8".to_owned(), tests: 243, cost }) }
}

fn figures(pairs: Vec<Pair>) -> Figures {
    Figures {
        machine: "Linux".to_owned(),
        load: 0.25,
        pairs,
        alone: vec![1.0, 0.9, 0.8],
        files: Files { rules: 399, subjects: 120, scans: vec![scan(0.04, 0), scan(0.06, 0), scan(0.03, 0)] },
        idle: 6.5,
        agent: Some(Footprint {
            agent_before: 30.0,
            starter_before: 6.5,
            agent_during: 50.0,
            starter_during: 6.5,
            scan: 15.5,
        }),
        skipped: vec![("nothing".to_owned(), "it is a test".to_owned())],
    }
}

#[test]
fn each_goal_is_judged_by_its_figures() {
    let pairs = vec![pair(1.0, 900, 60.0), pair(3.0, 2_000, 66.0), pair(1.5, 1_000, 60.0)];
    let page = figures(pairs).page().markdown();
    for line in [
        "Linux, its load before: 0.2. Rounds: 3;",
        "Not measured: nothing: it is a test.",
        "| rampart, 7 policies, 168 checks | 1.50 | 1.00 | 3.00 | 2.25 |",
        "| lynis 3.0.8, 243 tests | 60.00 | 60.00 | 66.00 | 30.00 |",
        "Policies that do not apply to this machine, and were skipped: 1.",
        "By the wall rampart is 40.0 times as fast (goal 30: met).",
        "lynis takes 13.3 times as much of the processors.",
        "The command that took longest, 1.00 s beside the others, begins with `find xxx",
        "as a multiple of that: 1.50 (goal 1.2: missed).",
        "With nothing beside it the command takes 0.90 s; the scan takes 1.67 times as long as that.",
        "168 checks of 399 rules on 120 files and folders",
        "| the whole process | 40.00 | 30.00 | 60.00 | 60.00 |",
        "| from the first look to the last result | 20.00 | 20.00 | 20.00 | – |",
        "The whole process: 40.00 ms (goal 50 ms: met).",
        "| rampart sca scan, all policies | 6.5 | 15.5 | 9.0 |",
        "| agent: the scan | 0.0 | 15.5 | 15.5 |",
        "A scan above idle: 9.00 MiB (goal 30 MiB: met).",
        "The agent while it scans, above idle: 35.50 MiB (goal 30 MiB: missed).",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn without_lynis_there_is_the_rest() {
    let alone = Pair { ours: scan(1.0, 900), theirs: None };
    let page = figures(vec![alone]).page().markdown();
    assert!(!page.contains("times as fast") && page.contains("(goal 1.2: met)"), "{page}");
}
