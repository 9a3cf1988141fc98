//! Paths and strings as the programs lay them out.

use rampart_model::text;

/// What stands before the first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A path from its names, leaf first and each ending in NUL; `/` when there are none.
pub(crate) fn path_from_leaf(names: &[u8]) -> Box<str> {
    let names = names.strip_suffix(&[0]).unwrap_or(names);
    if names.is_empty() {
        return "/".into();
    }
    let mut path = Vec::with_capacity(names.len() + 1);
    for name in names.rsplit(|byte| *byte == 0) {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    text(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_turned_round() {
        for (names, expected) in [
            (&b""[..], "/"),
            (b"sh\0bin\0", "/bin/sh"),
            (b"xmrig\0tmp\0overlay\0", "/overlay/tmp/xmrig"),
            (b"cut", "/cut"),
        ] {
            assert_eq!(&*path_from_leaf(names), expected);
        }
    }
}
