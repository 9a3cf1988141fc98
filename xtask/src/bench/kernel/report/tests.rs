use super::{Figures, of_auditd, verdict};
use crate::bench::{
    kernel::{
        contender::Tally,
        program::{Cost, Costs},
        rounds::{Sample, Samples},
        storm::Deed,
    },
    process::Memory,
};

fn sample(contender: &'static str, micros: f64, used: Option<Tally>) -> Sample {
    Sample { contender, deed: Deed::Spawn, times: 1000, micros, used }
}

fn figures() -> Figures {
    let memory = Memory { resident: 2048.0, peak: 4096.0 };
    let ours = Tally { cpu_seconds: 0.02, memory, events: Some(4000.0), lost: Some(3.0) };
    let theirs = Tally { cpu_seconds: 0.1, memory, events: None, lost: Some(0.0) };
    let samples = [
        sample("bare", 800.0, None),
        sample("rampart", 820.0, Some(ours)),
        sample("auditd", 900.0, Some(theirs)),
    ];
    Figures {
        machine: "Linux 6.1, 2 × Fast 3000".to_owned(),
        rounds: 1,
        contenders: vec!["bare", "rampart", "auditd"],
        samples: Samples::from_iter(samples),
        costs: vec![costs(Deed::Connect, "inet_sock_set_state", 1100.0)],
        skipped: vec![("execsnoop".to_owned(), "it is not installed".to_owned())],
    }
}

fn costs(deed: Deed, program: &str, nanos: f64) -> Costs {
    let cost = Cost { program: program.to_owned(), runs: 2.0, nanos };
    Costs { deed, programs: vec![cost], sum: nanos }
}

#[test]
fn the_page_has_figures_goals_and_what_is_missing() {
    let page = figures().page().markdown();
    for line in [
        "To measure it again, as root: `cargo xtask bench kernel`.",
        "Not measured: execsnoop: it is not installed.",
        "| bare | 800.00 | 800.00 | 800.00 | 0.00 | 1.000 |",
        "| rampart | 820.00 | 820.00 | 820.00 | 20.00 | 1.025 |",
        "| auditd | 900.00 | 900.00 | 900.00 | 100.00 | 1.125 |",
        "What rampart adds, as a part of what auditd adds: 0.20 (goal 0.25: met).",
        "| inet_sock_set_state | 2.00 | 550 | 1100 |",
        "The connect: 1.10 µs (goal 1.2 µs: met).",
        "| rampart, spawn | 20.00 | 5.00 | 3 | 2.0 | 4.0 |",
        "| auditd, spawn | 100.00 | – | 0 | 2.0 | 4.0 |",
    ] {
        assert!(page.lines().any(|found| found == line), "no `{line}` in:\n{page}");
    }
}

#[test]
fn noise_is_not_compared_with() {
    assert!(of_auditd(1.0, -0.5).contains("noise"));
    assert!(of_auditd(-1.0, 0.5).contains("noise"));
    assert!(of_auditd(1.0, 2.0).contains("0.50 (goal 0.25: missed)"));
}

#[test]
fn each_deed_has_its_goal() {
    let spawn = verdict(&costs(Deed::Spawn, "sched_process_exec", 6500.0));
    assert_eq!(spawn, "The exec: 6.50 µs (goal 6 µs: missed). The whole spawn, with fork and exit: 6.50 µs.");
    let open = verdict(&costs(Deed::Open, "sys_exit_openat", 250.0));
    assert_eq!(open, "The open: 250.00 ns (goal 300 ns: met).");
    let none = verdict(&costs(Deed::Spawn, "other", 1.0));
    assert!(none.starts_with("sched_process_exec has not run."), "{none}");
}
