//! Rules over several events. Every file under `data` is a set of rules, and in its comments a story: `#> ` lines are events,
//! after how long since the last and with which fields, and `#= ` lines below one are the titles of what it raises.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs is there, or the test fails")]

mod story;

use std::{fmt::Write as _, fs, path::Path};

use rampart_policy::{Catalogue, Mode, parse};
use rampart_runtime::Engine;

use self::story::Story;

#[test]
fn rules_raise_what_the_stories_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sequences/data");
    let (mut wrong, mut events) = (String::new(), 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let rules = parse("rules.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient);
        let rules = rules.unwrap_or_else(|problems| panic!("{}: {problems:?}", path.display()));
        let mut engine = Engine::compile(&rules);
        for line in Story::parse(&text) {
            events += 1;
            let raised = engine.matches(&line.event).into_iter().map(|found| match &found.correlation {
                Some(correlation) => format!("{}: {}", found.rule.title, correlation.measured),
                None => found.rule.title.to_string(),
            });
            let raised: Vec<_> = raised.collect();
            if raised != line.raised {
                writeln!(wrong, "{}:{}: {raised:?}, not {:?}", path.display(), line.number, line.raised)
                    .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(events > 50, "{events}");
}
