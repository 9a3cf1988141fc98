//! Conditions: what they mean, and that no text is too strange.

#![forbid(unsafe_code)]
#![expect(clippy::indexing_slicing, reason = "what a test needs is there, or the test fails")]

use proptest::prelude::*;
use rampart_policy::{Catalogue, Condition, Fault, Mode, Pattern, limit, parse_rules};

const NAMES: [&str; 4] = ["a", "b1", "b2", "_hidden"];

fn show(condition: &Condition) -> String {
    let list = |conditions: &[Condition], word: &str| {
        format!("({})", conditions.iter().map(show).collect::<Vec<_>>().join(word))
    };
    match condition {
        Condition::Selection(number) => NAMES[*number].to_owned(),
        Condition::All(conditions) => list(conditions, " & "),
        Condition::Any(conditions) => list(conditions, " | "),
        Condition::Not(condition) => format!("!{}", show(condition)),
    }
}

#[test]
fn conditions_bind_as_sigma_says() {
    for (text, meaning) in [
        ("a", "a"),
        ("a and b1 or b2", "((a & b1) | b2)"),
        ("a or b1 and b2", "(a | (b1 & b2))"),
        ("not a and b1", "(!a & b1)"),
        ("not (a and b1)", "!(a & b1)"),
        ("not not a", "!!a"),
        ("1 of b*", "(b1 | b2)"),
        ("any of b?", "(b1 | b2)"),
        ("all of b*", "(b1 & b2)"),
        ("1 of them", "(a | b1 | b2)"),
        ("all of them and not _hidden", "((a & b1 & b2) & !_hidden)"),
        ("1 of *hidden", "_hidden"),
        ("a AND NOT 1 OF b*", "(a & !(b1 | b2))"),
        ("a And Not All Of Them", "(a & !(a & b1 & b2))"),
        ("not 1 of b* and not _hidden", "(!(b1 | b2) & !_hidden)"),
        ("((a or (b1)) and not (b2 or not a))", "((a | b1) & !(b2 | !a))"),
        ("1 of a", "a"),
        ("  a\nand\tb1 ", "(a & b1)"),
    ] {
        assert_eq!(show(&Condition::parse(text, &NAMES).unwrap()), meaning, "{text}");
    }
}

#[test]
fn selections_may_be_called_as_quantifiers_are() {
    assert_eq!(Condition::parse("all", &["all"]), Ok(Condition::Selection(0)));
    // A word in mixed case is a selection's name, where there is one.
    let names = ["Not", "Them", "b"];
    assert_eq!(Condition::parse("Not", &names), Ok(Condition::Selection(0)));
    assert_eq!(Condition::parse("1 of Them", &names), Ok(Condition::Selection(1)));
    assert!(Condition::parse("Not b", &names).is_err());
}

#[test]
fn bad_conditions_tell_where() {
    let long = "a or ".repeat(limit::CONDITION_BYTES);
    for (text, at) in [
        ("", 0),
        ("a b1", 2),
        ("a and", 5),
        ("(a", 2),
        ("a)", 1),
        ("x", 0),
        ("1 of x*", 5),
        ("2 of b*", 0),
        ("1 of", 4),
        ("ä & a", 2),
        ("a | count()", 2),
        ("not 10 of b*", 4),
        ("some of b*", 0),
        (&long, 0),
        (&"(".repeat(100), limit::CONDITION_DEPTH + 1),
        (&"not ".repeat(100), 4 * (limit::CONDITION_DEPTH + 1)),
    ] {
        let error = Condition::parse(text, &NAMES).unwrap_err();
        assert_eq!(error.at, at, "{error}");
    }
}

#[test]
fn what_sigma_has_no_more_is_told_with_what_it_has() {
    for (text, error, help) in [
        ("2 of b*", "Sigma has no `2 of`", "only `1 of`, `any of` and `all of`"),
        ("a | count() > 5", "aggregations are not part of Sigma 2", "a correlation"),
        ("a | near b1", "aggregations are not part of Sigma 2", "a correlation"),
        ("few of b*", "expected `1`, `any` or `all` before `of`, not `few`", "a condition is made of"),
    ] {
        let found = Condition::parse(text, &NAMES).unwrap_err();
        assert_eq!(found.to_string(), error);
        let help_text = Fault::from(found).help();
        assert!(help_text.contains(help), "{help_text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in r"(\(|\)|and|or|not|of|1|all|them|a|b\*|\||ä| ){0,60}") {
        drop(Condition::parse(&text, &NAMES));
    }

    #[test]
    fn no_characters_make_the_parsers_panic(text in any::<String>()) {
        drop(Condition::parse(&text, &NAMES));
        drop(Pattern::parse(&text).open_start().open_end());
    }

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in any::<Vec<u8>>()) {
        drop(parse_rules("x.yml", &bytes, &Catalogue::default(), Mode::Lenient));
    }
}
