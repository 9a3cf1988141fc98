use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use rampart_pattern::Dialect;

use crate::{Content, Fault, content::Quirk, limit};

type Compiled = (Arc<Content>, Arc<[Quirk]>);

/// The patterns of one policy, each compiled once.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    dialect: Dialect,
    osregex: HashMap<Box<str>, Compiled>,
    pcre2: HashMap<Box<str>, Compiled>,
}

impl Patterns {
    /// What is compiled from here on is in that dialect.
    pub(super) const fn speak(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    pub(crate) fn get(&mut self, text: &str) -> Result<Compiled, Fault> {
        let count = self.osregex.len() + self.pcre2.len();
        let known = match self.dialect {
            Dialect::OsRegex => &mut self.osregex,
            Dialect::Pcre2 => &mut self.pcre2,
        };
        match known.entry(text.into()) {
            Entry::Occupied(compiled) => Ok(compiled.get().clone()),
            Entry::Vacant(_) if count >= limit::PATTERNS => {
                Err(Fault::TooMuch { what: "the number of patterns", bound: limit::PATTERNS })
            }
            Entry::Vacant(entry) => {
                let (content, quirks) = Content::new(text, self.dialect)?;
                Ok(entry.insert((Arc::new(content), quirks.into())).clone())
            }
        }
    }
}
