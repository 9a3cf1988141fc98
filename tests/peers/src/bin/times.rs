//! Measures every engine, and prints one JSON object. `--quick`: shows that everything works, and little more.

use rampart_peers::{
    contender::{Loading, Name},
    corpus::event::{self, Kind},
    load::{Extent, measure},
    report,
};

/// With how many rules there may be, and in every how many-th round the peers take part there.
const SETS: [(usize, usize); 3] = [(100, 4), (1_000, 10), (10_000, 50)];

/// How many rules both kinds of event are measured with; with the others only those that match nothing.
const BOTH: usize = 1_000;

/// At more rules, of the peer's forms the one as it comes and the one made for many rules.
const MANY: [Name; 5] =
    [Name::Rampart, Name::RampartRecord, Name::Rsigma, Name::RsigmaAutomaton, Name::SigmaRust];

fn main() -> serde_json::Result<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if quick { 10 } else { 200 };
    let mut loads = Vec::new();
    let mut loading = Vec::new();
    for (rules, rare) in SETS {
        let names = if rules > BOTH { &MANY[..] } else { &Name::ALL };
        let extent = Extent { rounds, rare };
        let kinds = if rules == BOTH { &[Kind::Quiet, Kind::Matching][..] } else { &[Kind::Quiet] };
        for kind in kinds {
            eprintln!("{rules} rules, {kind:?} events");
            let (load, times) = measure(rules, *kind, names, extent);
            loads.push(load);
            if *kind == Kind::Quiet {
                // The same rules again, for other events.
                let times = times.into_iter().filter(|(name, _)| *name != Name::RampartRecord);
                loading.extend(times.map(|(name, times)| told(name, rules, times)));
            }
        }
    }
    let longest =
        event::samples(Kind::Quiet).iter().map(|sample| sample.event.process.args.command_line().len()).max();
    let times =
        report::Times { events: event::EVENTS, longest: longest.unwrap_or_default(), rounds, loads, loading };
    println!("{}", serde_json::to_string_pretty(&times)?);
    Ok(())
}

fn told(name: Name, rules: usize, times: Loading) -> report::Loading {
    let millis = |time: std::time::Duration| time.as_secs_f64() * 1e3;
    report::Loading { name: name.text(), rules, parse: millis(times.parse), compile: millis(times.compile) }
}
