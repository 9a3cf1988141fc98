use std::{
    io::{self, IsTerminal as _, Write},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use rampart_kernel::{Demand, Sensor, SensorConfig, drop_privileges};
use rampart_model::{Event, EventKind, Record, Watch, WatchEntry, WatchPattern};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::{EventsArgs, Format},
    config::Config,
    exit::{Exit, Failure},
    feed::{Feed, Item, Next, Stop},
};

pub(crate) fn events(args: &EventsArgs) -> Result<Exit, Failure> {
    rampart_telemetry::init_logs("info").map_err(|error| Failure::new(Exit::Internal, error))?;
    let wanted: &[EventKind] = if args.kind.is_empty() { &EventKind::ALL } else { &args.kind };
    let demand = Demand::new(wanted.iter().copied(), watch(&args.watch));
    let config = SensorConfig { hooks: args.hooks.into(), ..SensorConfig::default() };
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
            let lost: u64 = tally
                .iter()
                .map(|(_, counters)| {
                    counters.skipped + counters.summarised + counters.lost_ring + counters.lost_decode
                })
                .sum();
            if lost > 0 {
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

fn watch(paths: &[String]) -> Watch {
    if paths.is_empty() {
        let changed = SYSTEM_FOLDERS.iter().map(|path| WatchEntry {
            what: WatchPattern::Below((*path).into()),
            read: false,
            modify: true,
        });
        let read = SECRETS.iter().map(|name| WatchEntry {
            what: WatchPattern::Named((*name).into()),
            read: true,
            modify: true,
        });
        return changed.chain(read).collect();
    }
    let below = |path: &String| WatchEntry {
        what: WatchPattern::Below(path.as_str().into()),
        read: true,
        modify: true,
    };
    paths.iter().map(below).collect()
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
