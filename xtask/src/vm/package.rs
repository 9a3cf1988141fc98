//! Which Debian packages hold a kernel, asked of the suite's own metapackage: versions move.

use anyhow::{Context, Result};

use crate::debian::Apt;

/// Depends on the newest kernel of its suite.
const METAPACKAGE: &str = "linux-image-amd64";
const IMAGE: &str = "linux-image-";

/// From 7.x on image and modules are packages of their own, on which that of the old name depends.
const PARTS: [&str; 2] = ["linux-binary-", "linux-modules-"];

/// A kernel's packages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packages {
    /// What `uname -r` will say.
    pub(super) release: String,
    /// The packages that hold the image and the modules.
    pub(super) names: Vec<String>,
}

/// The packages of the newest kernel that `apt` knows.
pub(super) fn newest(apt: &Apt) -> Result<Packages> {
    let release = release_of(&apt.show(METAPACKAGE)?)?;
    let names = holders(&apt.show(&format!("{IMAGE}{release}"))?, &release);
    Ok(Packages { release, names })
}

/// The release that the metapackage depends on.
fn release_of(entry: &str) -> Result<String> {
    depends(entry)
        .find_map(|name| name.strip_prefix(IMAGE))
        .map(str::to_owned)
        .with_context(|| format!("{METAPACKAGE} depends on no kernel: look at `apt-cache show` of it"))
}

/// The packages with the kernel's files, from the entry of its image's package.
fn holders(entry: &str, release: &str) -> Vec<String> {
    let is_part = |name: &&str| {
        PARTS.iter().any(|part| name.strip_prefix(part).is_some_and(|version| version == release))
    };
    let parts: Vec<String> = depends(entry).filter(is_part).map(str::to_owned).collect();
    if parts.is_empty() { vec![format!("{IMAGE}{release}")] } else { parts }
}

/// The names of the packages that an entry depends on.
fn depends(entry: &str) -> impl Iterator<Item = &str> {
    entry
        .lines()
        .filter_map(|line| line.strip_prefix("Depends:"))
        .flat_map(|list| list.split([',', '|']))
        .filter_map(|one| one.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::{holders, release_of};

    #[test]
    fn the_metapackage_names_the_release() {
        for (depends, release) in [
            ("linux-image-5.10.0-32-amd64 (= 5.10.223-1)", "5.10.0-32-amd64"),
            ("linux-base-amd64 (= 7.3.4-1), linux-image-7.3.4+deb13-amd64 (= 7.3.4-1)", "7.3.4+deb13-amd64"),
        ] {
            let entry = format!("Package: linux-image-amd64\nVersion: 1\nDepends: {depends}\nSize: 1\n");
            assert_eq!(release_of(&entry).unwrap(), release);
        }
    }

    #[test]
    fn a_metapackage_without_a_kernel_is_refused() {
        for entry in ["", "Package: linux-image-amd64\nDepends: linux-base-amd64\n"] {
            let error = release_of(entry).unwrap_err().to_string();
            assert!(error.contains("depends on no kernel"), "{error}");
        }
    }

    #[test]
    fn an_image_is_one_package_or_two() {
        let old = "Package: linux-image-6.1.0-50-amd64\nDepends: kmod, linux-base (>= 4.3~)\n";
        assert_eq!(holders(old, "6.1.0-50-amd64"), ["linux-image-6.1.0-50-amd64"]);
        let new = "Depends: dracut | linux-initramfs-tool, linux-base-7.3.4-amd64 (= 7), \
                   linux-binary-7.3.4-amd64 (= 7), linux-modules-7.3.4-amd64 (= 7), linux-modules-extra\n";
        assert_eq!(holders(new, "7.3.4-amd64"), ["linux-binary-7.3.4-amd64", "linux-modules-7.3.4-amd64"]);
    }
}
