use std::{fs, path::PathBuf};

use prometheus::{
    Counter, Gauge,
    core::{Collector, Desc},
    proto::MetricFamily,
};
use rustix::process::{Resource, getrlimit};

use super::{MetricsError, registrar::Registrar};

/// Shows what the agent's own process uses, by the names that all exporters have. It is read when it is asked for.
///
/// The library's collector is not used: it brings another version of the crates that read /proc, and counts processor time in
/// whole seconds.
pub(super) fn register(registrar: &mut Registrar) -> Result<(), MetricsError> {
    let usage = Usage {
        proc: PathBuf::from("/proc"),
        cpu: registrar.collected_counter(
            "process_cpu_seconds_total",
            "Processor time that the agent has used, its own and the kernel's for it.",
        )?,
        resident: registrar.collected_gauge("process_resident_memory_bytes", "Memory that the agent has.")?,
        size: registrar.collected_gauge(
            "process_virtual_memory_bytes",
            "Addresses that the agent has reserved, most of which are no memory.",
        )?,
        threads: registrar.collected_gauge("process_threads", "Threads that the agent has.")?,
        started: registrar.collected_gauge("process_start_time_seconds", "When the agent was started.")?,
        open: registrar.collected_gauge("process_open_fds", "File descriptors that the agent has open.")?,
        most: registrar
            .collected_gauge("process_max_fds", "File descriptors that the agent may have open.")?,
    };
    registrar.register(usage)?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Usage {
    proc: PathBuf,
    cpu: Counter,
    resident: Gauge,
    size: Gauge,
    threads: Gauge,
    started: Gauge,
    open: Gauge,
    most: Gauge,
}

/// What /proc/PID/stat says.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// In the kernel's ticks: in user mode and for it in the kernel.
    ticks: u64,
    threads: u64,
    /// In ticks since the kernel was started.
    started: u64,
    bytes: u64,
    pages: u64,
}

impl Stat {
    /// A name may have anything in it, also what looks like the rest.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Fields are numbered from 1 in proc(5); the first here is the third there.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            ticks: field(14)?.checked_add(field(15)?)?,
            threads: field(20)?,
            started: field(22)?,
            bytes: field(23)?,
            pages: field(24)?,
        })
    }
}

/// When the kernel was started, in seconds since 1970.
fn boot_time(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

impl Usage {
    /// What cannot be read is not shown.
    fn stat(&self) -> Vec<MetricFamily> {
        let Some(stat) =
            fs::read_to_string(self.proc.join("self/stat")).ok().as_deref().and_then(Stat::parse)
        else {
            return Vec::new();
        };
        let second = real(rustix::param::clock_ticks_per_second());
        self.cpu.inc_by((real(stat.ticks) / second - self.cpu.get()).max(0.0));
        self.threads.set(real(stat.threads));
        self.size.set(real(stat.bytes));
        let page = u64::try_from(rustix::param::page_size()).unwrap_or_default();
        self.resident.set(real(stat.pages.saturating_mul(page)));
        let mut all: Vec<MetricFamily> = [&self.threads, &self.size, &self.resident]
            .into_iter()
            .flat_map(Collector::collect)
            .chain(self.cpu.collect())
            .collect();
        let boot = fs::read_to_string(self.proc.join("stat")).ok().as_deref().and_then(boot_time);
        if let Some(boot) = boot {
            self.started.set(real(boot) + real(stat.started) / second);
            all.extend(self.started.collect());
        }
        all
    }

    fn descriptors(&self) -> Vec<MetricFamily> {
        let mut all = Vec::new();
        if let Ok(entries) = fs::read_dir(self.proc.join("self/fd")) {
            // One of them is for looking at them.
            let count = entries.count().saturating_sub(1);
            self.open.set(real(u64::try_from(count).unwrap_or_default()));
            all.extend(self.open.collect());
        }
        let most = getrlimit(Resource::Nofile).current;
        self.most.set(most.map_or(f64::INFINITY, real));
        all.extend(self.most.collect());
        all
    }
}

impl Collector for Usage {
    fn desc(&self) -> Vec<&Desc> {
        let gauges = [&self.resident, &self.size, &self.threads, &self.started, &self.open, &self.most];
        gauges.into_iter().flat_map(Collector::desc).chain(self.cpu.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut all = self.stat();
        all.extend(self.descriptors());
        all
    }
}

/// Exact below 2^53, which none of these is near.
#[expect(clippy::cast_precision_loss, reason = "metrics are floating-point numbers")]
const fn real(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Stat, boot_time};
    use crate::Metrics;

    #[test]
    fn a_process_may_have_any_name() {
        let text = "7 (a) S 1 (b) R 1 7 7 0 -1 4194560 1 2 3 4 50 6 0 0 20 0 9 0 333 4096 12 1 2 3";
        let stat = Stat { ticks: 56, threads: 9, started: 333, bytes: 4096, pages: 12 };
        assert_eq!(Stat::parse(text), Some(stat));
        for text in ["", "7 (a)", "7 (a) S 1 2 3", &text.replace(" 333 ", " x ")] {
            assert_eq!(Stat::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_is_taken_for_more_than_it_is(name in "\\PC{0,20}", text in "\\PC{0,200}") {
            let line = format!("7 ({name}) S 1 7 7 0 -1 4194560 1 2 3 4 50 6 0 0 20 0 9 0 333 4096 12 1 2 3");
            prop_assert_eq!(Stat::parse(&line).map(|stat| stat.ticks), Some(56));
            Stat::parse(&text);
            boot_time(&text);
        }
    }

    #[test]
    fn the_boot_time_is_one_line_of_many() {
        assert_eq!(boot_time("cpu 1 2\nbtime 1700000000\nprocesses 5\n"), Some(1_700_000_000));
        assert_eq!(boot_time("cpu 1 2\nbtime x\n"), None);
    }

    #[test]
    fn this_process_is_seen() {
        let text = String::from_utf8(Metrics::new("1", "n").unwrap().render().unwrap()).unwrap();
        let value = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().parse().unwrap()
        };
        assert!(value("process_resident_memory_bytes ") > 100_000.0, "{text}");
        assert!(value("process_open_fds ") >= 3.0, "{text}");
        assert!(value("process_max_fds ") >= value("process_open_fds "), "{text}");
        assert!(value("process_start_time_seconds ") > 1_700_000_000.0, "{text}");
        assert!(value("process_threads ") >= 1.0, "{text}");
    }
}
