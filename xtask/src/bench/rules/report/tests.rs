use super::Report;
use crate::bench::rules::figures::{Allocation, Figure, Load, Loading, Times};

fn figure(name: &str, median: f64) -> Figure {
    Figure { name: name.to_owned(), median, p99: median * 2.0, per_second: 1e9 / median, samples: 100 }
}

fn load(rules: usize, matching: bool, figures: Vec<Figure>) -> Load {
    Load { rules, matching, figures }
}

fn report() -> Report {
    let usual = vec![
        figure("rampart", 1_000.0),
        figure("rsigma-eval", 90_000.0),
        figure("rsigma-eval, automaton", 49_000.0),
        figure("sigma-rust", 900_000.0),
    ];
    let loads = vec![
        load(100, false, vec![figure("rampart", 500.0)]),
        load(1_000, true, vec![figure("rampart", 9_000.0)]),
        load(1_000, false, usual),
        load(10_000, false, vec![figure("rampart", 1_250.0)]),
    ];
    let loading = vec![Loading { name: "rampart".to_owned(), rules: 10_000, parse: 800.0, compile: 200.0 }];
    let times = Times { events: 200, longest: 300, rounds: 5, loads, loading };
    let allocation = |matching, count| Allocation {
        name: "rampart".to_owned(),
        rules: 1_000,
        matching,
        count,
        bytes: 0.0,
    };
    Report {
        machine: "Linux".to_owned(),
        times,
        allocations: vec![allocation(true, 1.0), allocation(false, 0.0)],
    }
}

#[test]
fn each_goal_is_judged_by_its_figures() {
    let page = report().page().markdown();
    for line in [
        "One exec at 1000 rules that it does not match: 1.00 µs (goal 1.5 µs: met).",
        "rsigma-eval, automaton at 1000 rules, by the medians: rampart is 49.0 times as fast (goal 50: missed).",
        "sigma-rust at 1000 rules, by the medians: rampart is 900.0 times as fast (goal 50: met).",
        "The median at 10000 rules, as a multiple of that at 100: 2.50 (goal 3: met).",
        "To read and compile 10000 rules: 1.00 s (goal 3 s: met).",
        "Allocations for one event that no rule matches: 0.00 (goal 0: met).",
        "| rsigma-eval | 90.00 | 180.00 | 11111 | 100 | 90.0 |",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}
