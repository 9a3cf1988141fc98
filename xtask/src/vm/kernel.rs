//! The kernels that guests boot, and the two ways in which the daemon is tried on each.

use std::fmt;

use anyhow::{Result, bail};

/// A kernel, by the Debian suite whose newest one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kernel {
    /// What people call it here.
    pub(crate) name: &'static str,
    /// Where it comes from.
    pub(crate) suite: &'static str,
}

/// From the oldest to the newest: an old kernel refuses more, so it fails first.
pub(crate) const KERNELS: [Kernel; 4] = [
    kernel("5.10", "bullseye"),
    kernel("6.1", "bookworm"),
    kernel("6.12", "bookworm-backports"),
    kernel("newest", "trixie-backports"),
];

/// The word for every kernel.
const ALL: &str = "all";

/// The values of `--kernel`.
pub(crate) fn choices() -> impl Iterator<Item = &'static str> {
    KERNELS.iter().map(|kernel| kernel.name).chain([ALL])
}

/// The kernels that `name` stands for.
pub(crate) fn chosen(name: &str) -> Result<Vec<Kernel>> {
    let found: Vec<Kernel> =
        KERNELS.into_iter().filter(|kernel| name == ALL || kernel.name == name).collect();
    if found.is_empty() {
        bail!("no kernel is called {name}: take one of {}", choices().collect::<Vec<_>>().join(", "));
    }
    Ok(found)
}

/// What the daemon may use of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Variant {
    /// Whatever the kernel offers.
    Auto,
    /// Tracepoints only, as where function tracing and LSM programs are locked away.
    Tracepoints,
}

/// All of them, in the order in which they are tried.
pub(crate) const VARIANTS: [Variant; 2] = [Variant::Auto, Variant::Tracepoints];

impl Variant {
    /// What people and scenarios call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tracepoints => "tracepoints",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

const fn kernel(name: &'static str, suite: &'static str) -> Kernel {
    Kernel { name, suite }
}

#[cfg(test)]
mod tests {
    use super::{KERNELS, chosen};

    #[test]
    fn kernels_are_chosen_by_name_or_all_at_once() {
        assert_eq!(chosen("all").unwrap(), KERNELS);
        assert_eq!(chosen("6.1").unwrap().len(), 1);
        let error = chosen("4.19").unwrap_err().to_string();
        assert!(error.contains("5.10, 6.1, 6.12, newest, all"), "{error}");
    }
}
