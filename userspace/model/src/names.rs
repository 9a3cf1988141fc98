//! Numbers of the kernel's and their names.

use std::borrow::Cow;

/// Flags and their names, in the order in which they are told.
pub(crate) type Flags = [(u64, &'static str)];

/// The names of the flags that are set, joined with commas.
pub(crate) fn joined(table: &Flags, bits: u64) -> String {
    let set = table.iter().filter(|(flag, _)| bits & flag == *flag);
    set.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

/// The name of a number that counts through a table; the number itself beyond its end.
pub(crate) fn nth(table: &[&'static str], number: u32) -> Cow<'static, str> {
    let name = usize::try_from(number).ok().and_then(|number| table.get(number));
    name.map_or_else(|| Cow::Owned(number.to_string()), |name| Cow::Borrowed(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_numbers_have_names() {
        const FLAGS: &Flags = &[(1, "one"), (2, "two"), (12, "twelve")];
        for (bits, names) in [(0, ""), (3, "one,two"), (8, ""), (14, "two,twelve")] {
            assert_eq!(joined(FLAGS, bits), names);
        }
        assert_eq!((nth(&["a", "b"], 1), nth(&["a", "b"], 2)), ("b".into(), "2".into()));
    }
}
