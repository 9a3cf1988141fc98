//! Debian's package `rust-src`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::debian::{self, Apt};

/// The suite that carries the pinned release.
const SUITE: &str = "trixie-backports";
const PACKAGE: &str = "rust-src";

/// Downloads and unpacks the package; the result is the folder `library` of exactly `release`.
pub(super) fn fetch(scratch: &Path, release: &str) -> Result<PathBuf> {
    let apt = Apt::fetch_lists(scratch, SUITE)?;
    let version = choose_version(&apt.madison(PACKAGE)?, release)?;
    let packages = apt.download(&[format!("{PACKAGE}={version}")])?;
    let unpacked = scratch.join("unpacked");
    debian::unpack(&packages, &unpacked)?;
    let library = unpacked.join(format!("usr/src/rustc-{release}/library"));
    if !library.join("Cargo.lock").is_file() {
        bail!("{PACKAGE} {version} has no usr/src/rustc-{release}/library/Cargo.lock");
    }
    Ok(library)
}

/// The Debian version of `release` in what `apt-cache madison` prints.
fn choose_version(listing: &str, release: &str) -> Result<String> {
    let versions: Vec<&str> =
        listing.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).collect();
    let upstream = |version: &str| version.split(['+', '-', '~']).next() == Some(release);
    match versions.iter().find(|version| upstream(version)) {
        Some(version) => Ok((*version).to_owned()),
        None if versions.is_empty() => bail!("{SUITE} has no {PACKAGE}"),
        None => bail!("{SUITE} has {PACKAGE} {}, but Rust is {release}", versions.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::choose_version;

    const LISTING: &str = " rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://mirror.example suite/main Packages\n \
                           rust-src | 1.94.1-1 | http://mirror.example suite/main Packages\n";

    #[test]
    fn only_the_exact_release_is_taken() {
        assert_eq!(choose_version(LISTING, "1.95.0").unwrap(), "1.95.0+dfsg1-2~bpo13+1");
        assert_eq!(choose_version(LISTING, "1.94.1").unwrap(), "1.94.1-1");
        let error = choose_version(LISTING, "1.9").unwrap_err().to_string();
        assert!(error.contains("1.94.1-1"), "{error}");
    }

    #[test]
    fn an_empty_suite_is_said_so() {
        assert!(choose_version("", "1.95.0").unwrap_err().to_string().contains("has no rust-src"));
    }
}
