//! What gates and test suites came to: said as each ends, and in one table at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How a gate or a suite ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ran and holds.
    Passed,
    /// It could not run here, for this reason.
    Skipped(String),
    /// It ran and does not hold.
    Failed(String),
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "FAILED",
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Skipped(reason) | Self::Failed(reason) => reason,
        }
    }
}

#[derive(Debug)]
struct Row {
    name: String,
    outcome: Outcome,
    took: Duration,
}

impl Row {
    fn line(&self) -> String {
        let reason = self.outcome.reason().lines().next().unwrap_or_default();
        let (name, word, seconds) = (&self.name, self.outcome.word(), self.took.as_secs_f64());
        format!("{name:<26} {word:<8} {seconds:>6.1} s  {reason}").trim_end().to_owned()
    }
}

/// Everything that ran, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Runs one piece of work; its failure is kept for the end, so that one run shows all of them.
    pub(crate) fn run(&mut self, name: impl Into<String>, work: impl FnOnce() -> Result<Outcome>) {
        let name = name.into();
        println!("\n── {name}");
        let start = Instant::now();
        let outcome = work().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        if let Outcome::Failed(reason) = &outcome {
            eprintln!("{reason}");
        }
        let row = Row { name, outcome, took: start.elapsed() };
        println!("── {}", row.line());
        self.rows.push(row);
    }

    /// Prints the table; an error when something failed.
    pub(crate) fn finish(&self) -> Result<()> {
        println!("\nsummary");
        for row in &self.rows {
            println!("  {}", row.line());
        }
        let failed: Vec<&str> = self
            .rows
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Failed(_)))
            .map(|row| row.name.as_str())
            .collect();
        if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Report};
    use anyhow::bail;

    #[test]
    fn every_piece_runs_and_every_failure_is_named() {
        let mut report = Report::default();
        report.run("first", || bail!("broken"));
        report.run("second", || Ok(Outcome::Skipped("no kernel".to_owned())));
        report.run("third", || Ok(Outcome::Failed("wrong".to_owned())));
        report.run("fourth", || Ok(Outcome::Passed));

        assert_eq!(report.rows.len(), 4);
        assert_eq!(report.finish().unwrap_err().to_string(), "failed: first, third");
    }

    #[test]
    fn a_skip_is_no_failure_and_shows_its_reason() {
        let mut report = Report::default();
        report.run("kernel tests", || Ok(Outcome::Skipped("no BTF".to_owned())));

        report.finish().unwrap();
        let line = report.rows.first().unwrap().line();
        assert!(line.contains("skipped") && line.ends_with("no BTF"), "{line}");
    }
}
