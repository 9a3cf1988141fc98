//! What is in the image.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::authorities;

/// Where the daemon looks for the authorities of the web.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// Empty folders for what is mounted: the container's root is read-only.
const PLACES: [&str; 5] = ["etc/rampart", "host", "run/rampart", "tmp", "var/lib/rampart"];

/// Lays out everything in `folder`, with permissions that do not depend on the caller's umask.
pub(super) fn lay_out(binary: &Path, folder: &Path) -> Result<()> {
    for place in PLACES {
        make_folders(folder, Path::new(place))?;
    }
    set_mode(&folder.join("tmp"), 0o1777)?;
    make_folders(folder, Path::new(AUTHORITIES).parent().context("no folder of authorities")?)?;
    let bundle = folder.join(AUTHORITIES);
    fs::write(&bundle, authorities::bundle())
        .with_context(|| format!("cannot write {}", bundle.display()))?;
    set_mode(&bundle, 0o644)?;
    let program = folder.join("rampart");
    fs::copy(binary, &program).with_context(|| format!("cannot copy {}", binary.display()))?;
    set_mode(&program, 0o755)
}

fn make_folders(folder: &Path, inside: &Path) -> Result<()> {
    let mut path = PathBuf::from(folder);
    for part in inside {
        path.push(part);
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        set_mode(&path, 0o755)?;
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("cannot set the permissions of {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::lay_out;
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

    #[test]
    fn the_image_has_a_program_authorities_and_places_to_mount_at() {
        let folder = tempfile::tempdir().unwrap();
        lay_out(Path::new("/bin/true"), folder.path()).unwrap();
        let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode("rampart"), mode("tmp"), mode("var/lib/rampart")), (0o755, 0o1777, 0o755));
        let bundle = fs::read_to_string(folder.path().join("etc/ssl/certs/ca-certificates.crt")).unwrap();
        assert!(bundle.matches("-----END CERTIFICATE-----").count() > 100);
        assert!(bundle.lines().all(|line| line.len() <= 64));
    }
}
