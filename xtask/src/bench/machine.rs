//! Where figures were measured.

use std::fs;

use anyhow::{Context, Result};

/// Kernel and processors in one line.
pub(super) fn describe() -> Result<String> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("cannot tell the kernel")?;
    let cpus = fs::read_to_string("/proc/cpuinfo").context("cannot tell the processors")?;
    Ok(format!("Linux {}, {}", kernel.trim(), processors(&cpus)))
}

/// How many processes ran or wanted to, in the mean of the last minute: on a quiet machine next to none.
pub(super) fn load() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg").context("cannot tell the load")?;
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().with_context(|| format!("cannot make out /proc/loadavg: {text}"))
}

fn processors(cpuinfo: &str) -> String {
    let values = |name: &'static str| {
        let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        fields.filter(move |(field, _)| field.trim() == name).map(|(_, value)| value.trim())
    };
    // ARM's has numbers in place of a name.
    let model = values("model name").next().unwrap_or("unknown model");
    format!("{} × {model}", values("processor").count())
}

#[cfg(test)]
mod tests {
    use super::processors;

    #[test]
    fn processors_are_counted_and_named() {
        let text = "processor\t: 0\nmodel name\t: Fast 3000\n\nprocessor\t: 1\nmodel name\t: Fast 3000\nflags\t\t: a b\n";
        assert_eq!(processors(text), "2 × Fast 3000");
        assert_eq!(processors("processor\t: 0\nCPU part\t: 0xd0c\n"), "1 × unknown model");
    }
}
