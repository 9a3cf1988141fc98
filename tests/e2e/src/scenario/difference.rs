use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::Context as _;

/// Where scenarios cannot go as elsewhere, by kernel, variant of the daemon, and scenario, with the reason.
#[derive(Debug, Default)]
pub struct Differences(BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>);

impl Differences {
    /// Reads the table. Without a file there are none.
    ///
    /// # Errors
    /// When there is a file that is no such table.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).with_context(|| path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(Self(toml::from_str(text)?))
    }

    /// Why a scenario cannot go as elsewhere.
    #[must_use]
    pub fn reason(&self, kernel: &str, variant: &str, scenario: &str) -> Option<&str> {
        self.0.get(kernel)?.get(variant)?.get(scenario).map(String::as_str)
    }

    /// Every scenario that it names.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(BTreeMap::values).flat_map(BTreeMap::keys).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Differences;

    #[test]
    fn a_difference_is_one_kernels_and_one_variants() {
        let text = "[\"5.10\".tracepoints]\nrename = \"no path\"\n[newest.auto]\n";
        let differences = Differences::parse(text).unwrap();
        assert_eq!(differences.reason("5.10", "tracepoints", "rename"), Some("no path"));
        for (kernel, variant, scenario) in
            [("5.10", "auto", "rename"), ("6.1", "tracepoints", "rename"), ("5.10", "tracepoints", "open")]
        {
            assert_eq!(differences.reason(kernel, variant, scenario), None);
        }
        assert_eq!(differences.scenarios().collect::<Vec<_>>(), ["rename"]);
    }
}
