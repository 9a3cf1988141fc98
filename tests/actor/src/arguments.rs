use std::{
    ffi::{CString, OsString},
    os::unix::ffi::OsStrExt as _,
    path::Path,
    str::FromStr,
};

use anyhow::Context as _;

/// What was written behind the program's name, or behind the deed's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arguments<'a>(&'a [OsString]);

/// The deed was asked for in a way that it does not have.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

impl<'a> Arguments<'a> {
    pub(crate) const fn new(words: &'a [OsString]) -> Self {
        Self(words)
    }

    /// Those behind the first `count`.
    pub(crate) fn after(self, count: usize) -> Self {
        Self(self.0.get(count..).unwrap_or_default())
    }

    pub(crate) const fn words(self) -> &'a [OsString] {
        self.0
    }

    fn word(self, index: usize) -> anyhow::Result<&'a OsString> {
        Ok(self.0.get(index).ok_or_else(|| Usage(format!("argument {} is missing", index + 1)))?)
    }

    pub(crate) fn path(self, index: usize) -> anyhow::Result<&'a Path> {
        self.word(index).map(Path::new)
    }

    pub(crate) fn text(self, index: usize) -> anyhow::Result<&'a str> {
        let word = self.word(index)?;
        Ok(word.to_str().ok_or_else(|| Usage(format!("argument {} is no UTF-8", index + 1)))?)
    }

    pub(crate) fn text_or(self, index: usize, default: &'a str) -> anyhow::Result<&'a str> {
        if self.0.len() > index { self.text(index) } else { Ok(default) }
    }

    /// A number, an address, or whatever else is read from text.
    pub(crate) fn value<T: FromStr>(self, index: usize) -> anyhow::Result<T> {
        let text = self.text(index)?;
        let usage =
            || Usage(format!("argument {}: `{text}` is no {}", index + 1, std::any::type_name::<T>()));
        Ok(text.parse().map_err(|_| usage())?)
    }

    /// A number in octal, as modes are written.
    pub(crate) fn mode(self, index: usize) -> anyhow::Result<u32> {
        let text = self.text(index)?;
        Ok(u32::from_str_radix(text, 8).map_err(|_| Usage(format!("`{text}` is no mode")))?)
    }

    /// One of a closed set; the first where it was left out.
    pub(crate) fn choice(self, index: usize, choices: &[&'a str]) -> anyhow::Result<&'a str> {
        let chosen = self.text_or(index, choices.first().copied().unwrap_or_default())?;
        if choices.contains(&chosen) {
            return Ok(chosen);
        }
        Err(Usage(format!("`{chosen}` is none of {}", choices.join(", "))).into())
    }
}

/// A path as the kernel takes it.
pub(crate) fn c_path(path: &Path) -> anyhow::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).context("a NUL in a path")
}
