//! Paths as text, without asking the file system.

/// An absolute path from one that may be relative to `directory`, without `.` and `..`.
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
    use super::absolute;

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
