//! Counts what every engine allocates for one event, and prints one JSON array.

use rampart_peers::{
    contender::Name,
    corpus::{
        event::{self, Kind},
        rule,
    },
    report::Allocation,
};

const RULES: usize = 1_000;

fn main() -> serde_json::Result<()> {
    let rules = rule::set(RULES);
    let mut all = Vec::new();
    for kind in [Kind::Quiet, Kind::Matching] {
        let samples = event::samples(kind);
        for name in Name::ALL {
            let (mut contender, _) = name.load(&rules, &samples);
            let mut round = || (0..samples.len()).map(|number| contender.evaluate(number)).sum::<usize>();
            // What is made once, at the first use, is not made for an event.
            round();
            let info = allocation_counter::measure(|| {
                round();
            });
            let each = |figure: u64| narrow(figure) / narrow(samples.len() as u64);
            all.push(Allocation {
                name: name.text(),
                rules: RULES,
                matching: kind == Kind::Matching,
                count: each(info.count_total),
                bytes: each(info.bytes_total),
            });
        }
    }
    println!("{}", serde_json::to_string_pretty(&all)?);
    Ok(())
}

fn narrow(figure: u64) -> f64 {
    f64::from(u32::try_from(figure).unwrap_or(u32::MAX))
}
