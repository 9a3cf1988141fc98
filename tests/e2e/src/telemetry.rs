use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::Duration,
};

/// How long the agent may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What an agent says of itself over HTTP.
#[derive(Debug)]
pub struct Telemetry {
    port: u16,
}

impl Telemetry {
    /// At a port that nobody has now.
    ///
    /// # Errors
    /// When there is none.
    pub fn reserve() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { port: listener.local_addr()?.port() })
    }

    /// The line of configuration by which the agent listens there.
    #[must_use]
    pub fn line(&self) -> String {
        format!("listen: 127.0.0.1:{}", self.port)
    }

    /// The answer, with its status line.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// The sum of all series that begin so: one, where its labels are given. 0 where there are none.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub fn value(&self, series: &str) -> anyhow::Result<u64> {
        self.values([series]).map(|[value]| value)
    }

    /// The same of several at one moment.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub fn values<const N: usize>(&self, series: [&str; N]) -> anyhow::Result<[u64; N]> {
        let metrics = self.get("/metrics")?;
        Ok(series.map(|series| sum(&metrics, series)))
    }
}

fn sum(metrics: &str, series: &str) -> u64 {
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(series)?;
        // Not another name that begins alike.
        rest.starts_with(['{', ' ']).then(|| rest.rsplit_once(' ')?.1.parse::<u64>().ok())?
    });
    values.sum()
}
