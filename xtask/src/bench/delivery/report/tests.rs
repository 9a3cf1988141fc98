use super::Report;
use crate::bench::delivery::figures::{Case, Figures, Rounds};

fn rounds(seconds: f64) -> Rounds {
    let mut rounds = Rounds::default();
    for case in Case::ALL {
        for factor in [1.0, 1.0, 2.0] {
            let processor = if matches!(case, Case::Encode | Case::Seal) { 1.0 } else { 9.0 };
            rounds.add(
                case,
                Figures {
                    findings: 100_000.0,
                    seconds: seconds * factor,
                    process_seconds: processor,
                    keeper_seconds: 4.0,
                    sender_seconds: 3.0,
                    message_bytes: 1.5e8,
                    wire_bytes: 8e7,
                    file_bytes: 2e8,
                    peak_kibibytes: 30.0 * 1024.0,
                },
            );
        }
    }
    rounds
}

fn page(seconds: f64) -> String {
    let report = Report { machine: "Linux".to_owned(), load: 0.5, rounds: rounds(seconds) };
    report.page().unwrap().markdown()
}

#[test]
fn figures_are_those_of_one_finding() {
    let page = page(10.0);
    for line in [
        "Kept and delivered: 10000 findings/s (goal 5000 findings/s: met).",
        "| kept and delivered | 10000 | 5000 | 10000 | 90.0 | 30.0 |",
        "| made into a message | 10.0 |",
        "| written to disk, read again where the manager is slower, and removed | 30.0 |",
        "| compressed and encrypted | 10.0 |",
        "| sent, and confirmed | 20.0 |",
        "| handed over, and the rest | 20.0 |",
        "| as a message | 1500 |",
        "| on the wire, keepalives included | 800 |",
        "| of the spool's file, all being kept | 2000 |",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn a_rate_below_the_goal_is_told() {
    let line = "when an outage is over: 4000 findings/s (goal 5000 findings/s: missed).";
    assert!(page(25.0).contains(line));
}

#[test]
fn nothing_is_made_up_where_nothing_was_measured() {
    let report = Report { machine: String::new(), load: 0.0, rounds: Rounds::default() };
    assert!(report.page().is_err());
}
