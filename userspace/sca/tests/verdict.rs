//! How rules' results become a check's, against a definition that looks at all of them at once.

#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "a test fails by it")]

use std::sync::Arc;

use rampart_sca::{Aggregate, CheckOutcome, Condition, RuleOutcome};

/// The table of the stock agent: what the rules contain, and the results of all, any and none; `p`assed, `f`ailed and
/// not `a`pplicable.
const TABLE: [(&str, &str); 7] =
    [("1", "ppf"), ("0", "ffp"), ("01", "fpf"), ("1i", "apf"), ("0i", "faa"), ("01i", "fpf"), ("i", "aaa")];

fn outcome(letter: char, number: usize) -> RuleOutcome {
    match letter {
        '1' => RuleOutcome::Found,
        '0' => RuleOutcome::NotFound,
        'i' => RuleOutcome::Invalid(number.to_string().into()),
        _ => panic!("{letter}"),
    }
}

fn sequences() -> impl Iterator<Item = String> {
    let longer = |texts: &[String]| -> Vec<String> {
        texts.iter().flat_map(|text| "01i".chars().map(move |letter| format!("{text}{letter}"))).collect()
    };
    let one = longer(&[String::new()]);
    let two = longer(&one);
    let three = longer(&two);
    one.into_iter().chain(two).chain(three)
}

fn result(condition: Condition, sequence: &str, early: bool) -> CheckOutcome {
    let mut aggregate = Aggregate::new(condition);
    for (number, letter) in sequence.chars().enumerate() {
        if aggregate.push(&outcome(letter, number)).is_break() && early {
            break;
        }
    }
    aggregate.finish()
}

#[test]
fn every_order_of_results_gives_what_the_table_says() {
    let mut seen = 0;
    for sequence in sequences() {
        let contained: String = "01i".chars().filter(|letter| sequence.contains(*letter)).collect();
        let (_, results) = TABLE.iter().find(|(contains, _)| *contains == contained).unwrap();
        for (condition, letter) in Condition::ALL.into_iter().zip(results.chars()) {
            let first = sequence.find('i').map_or_else(String::new, |number| number.to_string());
            let expected = match letter {
                'p' => CheckOutcome::Passed,
                'f' => CheckOutcome::Failed,
                _ => CheckOutcome::NotApplicable(first.into()),
            };
            for early in [true, false] {
                assert_eq!(result(condition, &sequence, early), expected, "{condition:?} {sequence} {early}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, (3 + 9 + 27) * 3);
}

#[test]
fn a_scan_stops_where_nothing_can_change() {
    for (condition, stops) in [(Condition::All, '0'), (Condition::Any, '1'), (Condition::None, '1')] {
        for letter in "01i".chars() {
            let broken = Aggregate::new(condition).push(&outcome(letter, 0)).is_break();
            assert_eq!(broken, letter == stops, "{condition:?} {letter}");
        }
    }
}

#[test]
fn a_check_without_a_reason_says_so() {
    let mut aggregate = Aggregate::new(Condition::All);
    assert!(aggregate.push(&RuleOutcome::Invalid("".into())).is_continue());
    assert_eq!(aggregate.clone().finish(), CheckOutcome::NotApplicable("Unknown reason".into()));
    assert!(aggregate.push(&RuleOutcome::Invalid("why".into())).is_continue());
    assert_eq!(aggregate.finish(), CheckOutcome::NotApplicable(Arc::from("why")));
}
