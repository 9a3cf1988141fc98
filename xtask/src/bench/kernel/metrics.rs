//! The daemon's /metrics.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail};

const PATIENCE: Duration = Duration::from_secs(10);

/// What is longer is not the daemon's.
const LONGEST_ANSWER: u64 = 4 << 20;

/// HTTP/1.0, so that the answer comes in one piece and ends with the connection.
const REQUEST: &[u8] = b"GET /metrics HTTP/1.0\r\n\r\n";

/// How often a program has run, and for how long in all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Runs {
    pub(super) count: f64,
    pub(super) seconds: f64,
}

/// Samples in Prometheus's text format.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    /// Asks the daemon.
    pub(super) fn fetch(address: SocketAddr) -> Result<Self> {
        let answer = ask(address).with_context(|| format!("cannot ask {address} for metrics"))?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer without an end of its head")?;
        let status = head.lines().next().unwrap_or_default();
        if status.split(' ').nth(1) != Some("200") {
            bail!("{address} answers `{status}` when asked for metrics");
        }
        Self::parse(body)
    }

    /// Reads the text format, as far as counters and gauges need it.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples = lines.map(|line| sample(line).with_context(|| format!("this is no sample: {line}")));
        Ok(Self { samples: samples.collect::<Result<_>>()? })
    }

    /// All samples of a name together; `None` where there are none.
    pub(super) fn sum(&self, name: &str) -> Option<f64> {
        let mut values = self.of(name).map(|sample| sample.value).peekable();
        values.peek()?;
        Some(values.sum())
    }

    /// The daemon's eBPF programs.
    pub(super) fn programs(&self) -> BTreeMap<String, Runs> {
        let mut programs = BTreeMap::<String, Runs>::new();
        for (program, value) in self.by_program("rampart_program_runs_total") {
            programs.entry(program).or_default().count += value;
        }
        for (program, value) in self.by_program("rampart_program_run_seconds_total") {
            programs.entry(program).or_default().seconds += value;
        }
        programs
    }

    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| sample.name == name)
    }

    fn by_program<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (String, f64)> + 'a {
        self.of(name).filter_map(|sample| Some((sample.labels.get("program")?.clone(), sample.value)))
    }
}

fn ask(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(REQUEST)?;
    let mut answer = String::new();
    stream.take(LONGEST_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

/// One line, as `name{label="value",…} 1.5`.
fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, self::labels(labels.strip_suffix('}')?)?),
        None => (series, BTreeMap::new()),
    };
    Some(Sample { name: name.to_owned(), labels, value: value.parse().ok()? })
}

/// No label of ours has a value that would have to be escaped.
fn labels(text: &str) -> Option<BTreeMap<String, String>> {
    let pairs = text.split_terminator(',').map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        Some((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::{Metrics, Runs};
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    const TEXT: &str = "\
# HELP rampart_events_lost_total Events lost, by where: hook, ring or decode.
# TYPE rampart_events_lost_total counter
rampart_events_lost_total{kind=\"exec\",stage=\"decode\"} 1
rampart_events_lost_total{kind=\"exec\",stage=\"ring\"} 20
rampart_program_runs_total{program=\"sched_process_exec\"} 400
rampart_program_runs_total{program=\"sys_exit_connect\"} 3
rampart_program_run_seconds_total{program=\"sched_process_exec\"} 0.0015
rampart_program_run_seconds_total{program=\"sys_exit_connect\"} 1e-06
rampart_rules 7
";

    #[test]
    fn samples_of_a_name_are_added() {
        let metrics = Metrics::parse(TEXT).unwrap();
        assert_eq!(metrics.sum("rampart_events_lost_total"), Some(21.0));
        assert_eq!(metrics.sum("rampart_rules"), Some(7.0));
        assert_eq!(metrics.sum("rampart_events"), None);
    }

    #[test]
    fn programs_have_runs_and_time() {
        let programs = Metrics::parse(TEXT).unwrap().programs();
        assert_eq!(programs["sched_process_exec"], Runs { count: 400.0, seconds: 0.0015 });
        assert_eq!(programs["sys_exit_connect"], Runs { count: 3.0, seconds: 1e-6 });
        assert_eq!(programs.len(), 2);
    }

    #[test]
    fn what_is_no_sample_is_told() {
        for line in ["words", "name{label=\"a\" 1", "name{label} 1", "name{label=a} 1", "name one"] {
            let error = Metrics::parse(line).unwrap_err().to_string();
            assert!(error.contains(line), "{error}");
        }
    }

    #[track_caller]
    fn check_answer(answer: &'static str, is_good: bool) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::Builder::new().spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; super::REQUEST.len()];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        assert_eq!(Metrics::fetch(address).is_ok(), is_good, "{answer}");
        server.unwrap().join().unwrap();
    }

    #[test]
    fn only_a_good_answer_is_one() {
        check_answer("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nrampart_rules 7\n", true);
        check_answer("HTTP/1.0 503 Service Unavailable\r\n\r\nrampart_rules 7\n", false);
        check_answer("HTTP/1.0 200 OK\r\n", false);
    }
}
