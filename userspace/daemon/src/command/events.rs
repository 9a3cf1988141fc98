use std::{
    io::{self, IsTerminal as _, Write},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use rampart_kernel::{Demand, Sensor, SensorConfig, Tally, drop_privileges};
use rampart_model::{Event, EventKind, Record, Watch, WatchEntry, WatchPattern};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::{EventsArgs, Format},
    config::Config,
    exit::{Exit, Failure},
    feed::{Feed, Item, Next, Stop},
    node,
};

pub(crate) fn events(args: &EventsArgs) -> Result<Exit, Failure> {
    rampart_telemetry::init_logs("info").map_err(|error| Failure::new(Exit::Internal, error))?;
    let wanted: &[EventKind] = if args.kind.is_empty() { &EventKind::ALL } else { &args.kind };
    let demand = Demand::new(wanted.iter().copied(), watch(args));
    let config = SensorConfig { hooks: args.hooks.into(), ..SensorConfig::default() };
    node::find_cgroups();
    let sensor = Sensor::load(config, &demand)?;
    drop_privileges().context("giving up privileges")?;
    let stop = Stop::default();
    stop_later(stop.clone(), args.seconds)?;
    let feed = Feed::start(sensor, stop, &demand, Config::default().surroundings())?;
    tracing::info!("recording");
    let mut printer = Printer::new(args.format)?;
    let shown = feed.run(|item| {
        match item {
            Item::Event(event) if wanted.contains(&event.kind()) => printer.print(&event)?,
            Item::Event(_) | Item::Filtered(_) | Item::Account(_) => {}
            Item::Pause => printer.out.flush()?,
        }
        Ok(Next::Continue)
    });
    match shown {
        Ok(tally) => {
            let lost = losses(&tally);
            if !lost.is_empty() {
                tracing::warn!(lost, "events were lost; write to a file or choose fewer kinds");
            }
            printer.out.flush().context("writing to stdout")?;
            Ok(Exit::Done)
        }
        // The reader of a pipe has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(Exit::Done),
        Err(error) => Err(error.into()),
    }
}

/// What was lost, by kind and stage, such as `connect ring 3`; empty when nothing was.
fn losses(tally: &Tally) -> String {
    let stages = tally.iter().flat_map(|(kind, counters)| {
        [
            (kind, "hook", counters.skipped),
            (kind, "flood", counters.summarised),
            (kind, "ring", counters.lost_ring),
            (kind, "decode", counters.lost_decode),
        ]
    });
    let lost: Vec<String> = stages
        .filter(|(.., count)| *count > 0)
        .map(|(kind, stage, count)| format!("{} {stage} {count}", kind.name()))
        .collect();
    lost.join(", ")
}

/// Folders whose changes are shown when no path is asked for.
const SYSTEM_FOLDERS: [&str; 8] =
    ["/etc", "/boot", "/bin", "/sbin", "/lib", "/usr", "/root", "/var/spool/cron"];

/// Files that hold secrets: reading them is shown when no path is asked for.
const SECRETS: [&str; 9] = [
    "shadow",
    "gshadow",
    "sudoers",
    "id_rsa",
    "id_ed25519",
    "authorized_keys",
    "credentials",
    "admin.conf",
    "token",
];

fn watch(args: &EventsArgs) -> Watch {
    let below = |path: &str| WatchEntry::of(WatchPattern::Below(path.into()));
    let setuid = WatchEntry { modify: true, ..WatchEntry::of(WatchPattern::SetUid) };
    if args.watch.is_empty() && args.watch_created.is_empty() && !args.watch_setuid {
        let changed = SYSTEM_FOLDERS.iter().map(|path| WatchEntry { modify: true, ..below(path) });
        let named = |name: &str| WatchEntry::of(WatchPattern::Named(name.into()));
        let read = SECRETS.iter().map(|name| WatchEntry { read: true, modify: true, ..named(name) });
        return changed.chain(read).chain([setuid]).collect();
    }
    let whole = args.watch.iter().map(|path| WatchEntry { read: true, modify: true, ..below(path) });
    let created = args.watch_created.iter().map(|path| WatchEntry { create: true, ..below(path) });
    whole.chain(created).chain(args.watch_setuid.then_some(setuid)).collect()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Stops at a signal or when the time is over.
fn stop_later(stop: Stop, seconds: Option<u32>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let wait = move || {
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            let over = async {
                match seconds {
                    Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds.into())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                () = over => {}
            }
        });
        stop.set();
    };
    thread::Builder::new().name("signals".to_owned()).spawn(wait).context("starting the signal thread")?;
    Ok(())
}

/// Writes events to stdout.
struct Printer {
    out: io::BufWriter<io::Stdout>,
    format: Format,
}

impl Printer {
    fn new(format: Option<Format>) -> anyhow::Result<Self> {
        let terminal = io::stdout().is_terminal();
        let format = format.unwrap_or(if terminal { Format::Table } else { Format::Json });
        let mut printer = Self { out: io::BufWriter::new(io::stdout()), format };
        if printer.format == Format::Table {
            let titles = format!(
                "{:<29} {:<11} {:>7} {:<15} {:<12} {:<12} ",
                "TIME", "EVENT", "PID", "NAME", "USER", "CONTAINER"
            );
            writeln!(printer.out, "{titles}WHAT").context("writing to stdout")?;
        }
        Ok(printer)
    }

    fn print(&mut self, event: &Event) -> io::Result<()> {
        match self.format {
            Format::Json => writeln!(self.out, "{}", Record::from(event).to_json()),
            Format::Table => self.row(event),
        }
    }

    fn row(&mut self, event: &Event) -> io::Result<()> {
        let process = &event.process;
        let user = process.user.name.as_deref().map_or_else(|| process.user.id.to_string(), str::to_owned);
        let container = process
            .container
            .as_ref()
            .map_or_else(String::new, |container| container.id.chars().take(12).collect());
        let name = process.name.escape_debug();
        let what = event.summary();
        writeln!(
            self.out,
            "{:<29} {:<11} {:>7} {:<15} {user:<12} {container:<12} {}",
            event.time.to_string(),
            event.kind(),
            process.key.pid,
            name.to_string(),
            what.escape_debug()
        )
    }
}
