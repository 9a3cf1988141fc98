//! The shared libraries that a program needs where there are none.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::command;

/// What `ldd` says of a program that needs none, which is no success to it.
const STATIC: &str = "not a dynamic executable";

/// The libraries of `program`, the dynamic loader among them.
pub(crate) fn of(program: &Path) -> Result<Vec<PathBuf>> {
    match command::capture(Command::new("ldd").arg(program).env("LC_ALL", "C")) {
        Ok(listing) => parse(&listing),
        Err(error) if format!("{error:#}").contains(STATIC) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn parse(listing: &str) -> Result<Vec<PathBuf>> {
    let mut libraries = Vec::new();
    for line in listing.lines() {
        if line.contains("=> not found") {
            bail!("a library is missing: {}", line.trim());
        }
        // `name => path (address)`, and `path (address)` for the loader; the kernel's own has no path.
        let found = line.split_once("=>").map_or(line, |(_, path)| path);
        let path = found.split_whitespace().next().filter(|word| word.starts_with('/'));
        libraries.extend(path.map(PathBuf::from));
    }
    Ok(libraries)
}

#[cfg(test)]
mod tests {
    use super::{of, parse};
    use std::path::{Path, PathBuf};

    #[test]
    fn libraries_and_the_loader_are_listed() {
        for (listing, expected) in [
            (
                "\tlinux-vdso.so.1 (0x00007f19)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x00007f19)\n\
                 \t/lib64/ld-linux-x86-64.so.2 (0x00007f19)\n",
                vec!["/lib/x/libc.so.6", "/lib64/ld-linux-x86-64.so.2"],
            ),
            ("\tstatically linked\n", vec![]),
        ] {
            let expected: Vec<PathBuf> = expected.into_iter().map(PathBuf::from).collect();
            assert_eq!(parse(listing).unwrap(), expected);
        }
    }

    #[test]
    fn a_missing_library_is_named() {
        let error = parse("\tlibgone.so.1 => not found\n").unwrap_err().to_string();
        assert!(error.contains("libgone.so.1"), "{error}");
    }

    #[test]
    fn a_real_program_has_a_loader() {
        let libraries = of(Path::new("/proc/self/exe").canonicalize().unwrap().as_path()).unwrap();
        assert!(libraries.iter().any(|path| path.to_string_lossy().contains("ld-")), "{libraries:?}");
    }
}
