//! Paths and strings as the programs lay them out.

use rampart_model::text;

/// What stands before the first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A path from its names, leaf first and each ending in NUL; `/` when there are none.
pub(crate) fn path_from_leaf(names: &[u8]) -> Box<str> {
    let names = names.strip_suffix(&[0]).unwrap_or(names);
    let mut path = Vec::with_capacity(names.len() + 1);
    // The root of a file system is called `/`.
    for name in names.rsplit(|byte| *byte == 0).filter(|name| !matches!(*name, b"" | b"/")) {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    if path.is_empty() {
        return "/".into();
    }
    text(&path)
}

/// An absolute path from one that may be relative to `directory`, without `.` and `..`. The file system is not asked.
pub(crate) fn absolute(path: &str, directory: &str) -> Box<str> {
    let relative = if path.starts_with('/') { "" } else { directory };
    let mut names: Vec<&str> = Vec::new();
    for name in relative.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    format!("/{}", names.join("/")).into()
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
            (b"a\0/\0", "/a"),
            (b"/\0", "/"),
        ] {
            assert_eq!(&*path_from_leaf(names), expected);
        }
    }

    #[test]
    fn relative_paths_become_absolute() {
        for (path, directory, expected) in [
            ("docker.sock", "/run", "/run/docker.sock"),
            ("../run//docker.sock", "/tmp", "/run/docker.sock"),
            ("/var/./run/", "/tmp", "/var/run"),
            (".", "/", "/"),
            ("../../..", "/a", "/"),
        ] {
            assert_eq!(&*absolute(path, directory), expected, "{path} in {directory}");
        }
    }
}
