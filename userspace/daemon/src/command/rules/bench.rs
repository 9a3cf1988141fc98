use std::{
    hint::black_box,
    io::{self, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Args;
use rampart_model::Record;
use rampart_policy::{Loaded, Rule, RuleSet};
use rampart_runtime::Engine;
use serde::Serialize;

use super::{
    ModeArgs, Stop, exit_of,
    list::printable,
    load,
    recorded::{Line, Recorded},
    write_problems,
};
use crate::{
    cli::Format,
    exit::{Exit, Failure},
};

/// Most events that are kept for it.
const EVENTS: usize = 100_000;

/// How long rules are measured together, and at the most each by itself and all of these in sum.
const TOGETHER: Duration = Duration::from_secs(2);
const ALONE: Duration = Duration::from_millis(20);
const ALL_ALONE: Duration = Duration::from_secs(5);

/// How many of the costliest rules are shown.
const COSTLIEST: usize = 10;

#[derive(Debug, Args)]
#[command(after_help = "\
Measures how long this machine takes to judge one event: all rules together, and then each by itself, to show which cost \
most. Without recorded events it takes those that the rules carry as tests, most of which match something; record your own \
for figures that mean something:

Examples:
  sudo rampart events --format json --for 60 > events.jsonl
  rampart rules bench --events events.jsonl policies/
  rampart rules bench --format json policies/ | jq .median_ns")]
pub(crate) struct BenchArgs {
    /// Folders of rules, or single files; the rules in the binary if none is given
    #[arg(value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Events as JSON lines; `-` for stdin; the rules' own test events if not given
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    mode: ModeArgs,
}

/// What came of it. Times are in nanoseconds.
#[derive(Debug, Serialize)]
struct Figures {
    rules: usize,
    events: usize,
    /// Events that matched something.
    matching: usize,
    load_ms: f64,
    compile_ms: f64,
    median_ns: f64,
    p99_ns: f64,
    events_per_second: f64,
    costliest: Vec<Cost>,
}

#[derive(Debug, Serialize)]
struct Cost {
    rule: String,
    title: String,
    mean_ns: f64,
}

pub(super) fn bench(args: &BenchArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Stop> {
    let begin = Instant::now();
    let loaded = load(&args.dirs, args.mode.into())?;
    let load_time = begin.elapsed();
    write_problems(err, &loaded.problems)?;
    let events = events(args, &loaded, err)?;
    if events.is_empty() {
        return Err(Stop::Fail(Failure::message(Exit::Unavailable, "there are no events to judge")));
    }
    let figures = measure(&loaded.rules, &events, load_time);
    match args.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&figures).map_err(io::Error::from)?;
            writeln!(out, "{json}")?;
        }
        Format::Table => figures.write(out)?,
    }
    Ok(exit_of(&loaded))
}

fn events(args: &BenchArgs, loaded: &Loaded, err: &mut dyn Write) -> Result<Vec<Record>, Stop> {
    let Some(path) = &args.events else {
        let tests = loaded.rules.rules().iter().flat_map(|rule| &rule.tests);
        return Ok(tests.map(|test| test.event.clone()).take(EVENTS).collect());
    };
    let (mut recorded, mut events) = (Recorded::open(path)?, Vec::new());
    while let Some(Line { number, event }) = recorded.next()? {
        match event {
            Ok(event) if events.len() < EVENTS => events.push(event),
            Ok(_) => break,
            Err(reason) => writeln!(err, "{}", recorded.problem(number, &reason))?,
        }
    }
    Ok(events)
}

fn measure(rules: &RuleSet, events: &[Record], load_time: Duration) -> Figures {
    let begin = Instant::now();
    let mut engine = Engine::compile(rules);
    let compile_time = begin.elapsed();
    let matching = events.iter().filter(|event| !engine.matches(*event).is_empty()).count();
    let mut times = together(&mut engine, events);
    times.sort_unstable_by(f64::total_cmp);
    let median = quantile(&times, 0.5);
    Figures {
        rules: rules.rules().len() + rules.correlations().len(),
        events: events.len(),
        matching,
        load_ms: load_time.as_secs_f64() * 1e3,
        compile_ms: compile_time.as_secs_f64() * 1e3,
        median_ns: median,
        p99_ns: quantile(&times, 0.99),
        events_per_second: 1e9 / mean(&times),
        costliest: costliest(rules, events),
    }
}

/// The time of every event, over and over: each a mean of some runs, because one is shorter than reading the clock.
fn together(engine: &mut Engine, events: &[Record]) -> Vec<f64> {
    const RUNS: u32 = 64;
    let (begin, mut times) = (Instant::now(), Vec::new());
    while begin.elapsed() < TOGETHER {
        for event in events {
            let begin = Instant::now();
            for _ in 0..RUNS {
                black_box(engine.matches(black_box(event)));
            }
            times.push(nanos(begin.elapsed()) / f64::from(RUNS));
        }
    }
    times
}

fn costliest(rules: &RuleSet, events: &[Record]) -> Vec<Cost> {
    let number = u32::try_from(rules.rules().len()).unwrap_or(u32::MAX).max(1);
    let each = ALONE.min(ALL_ALONE / number);
    let mut costs: Vec<_> = rules.rules().iter().map(|rule| alone(rule, events, each)).collect();
    costs.sort_unstable_by(|a, b| b.mean_ns.total_cmp(&a.mean_ns));
    costs.truncate(COSTLIEST);
    costs
}

/// What one rule costs for the events of its category.
fn alone(rule: &Rule, events: &[Record], time: Duration) -> Cost {
    let mut engine = Engine::compile(&std::iter::once(rule.clone()).collect());
    let events: Vec<_> = events.iter().filter(|event| event.category() == rule.category).collect();
    let (begin, mut runs) = (Instant::now(), 0_u32);
    while begin.elapsed() < time && !events.is_empty() {
        for event in &events {
            black_box(engine.matches(black_box(*event)));
            runs += 1;
        }
    }
    let mean_ns = if runs == 0 { 0.0 } else { nanos(begin.elapsed()) / f64::from(runs) };
    Cost { rule: rule.reference.id.to_string(), title: rule.reference.title.to_string(), mean_ns }
}

#[expect(clippy::cast_precision_loss, reason = "a list that is in memory")]
fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn nanos(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank in a list that is in memory"
)]
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let rank = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(rank).copied().unwrap_or_default()
}

impl Figures {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "rules           {}", self.rules)?;
        writeln!(out, "events          {}, of which {} match something", self.events, self.matching)?;
        writeln!(out, "load, compile   {:.1} ms, {:.1} ms", self.load_ms, self.compile_ms)?;
        writeln!(out, "per event       median {:.0} ns, p99 {:.0} ns", self.median_ns, self.p99_ns)?;
        writeln!(out, "events/s        {:.0}", self.events_per_second)?;
        writeln!(out, "costliest rules, each by itself:")?;
        for cost in &self.costliest {
            writeln!(out, "  {:>6.0} ns  {}  {}", cost.mean_ns, cost.rule, printable(&cost.title))?;
        }
        Ok(())
    }
}
