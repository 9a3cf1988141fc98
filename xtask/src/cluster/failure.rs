//! What the logs say when the cluster does not come up.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::folder::Folder;

/// Lines of each log: the reason is mostly among the last ones.
const LINES: usize = 12;

/// The ends of the logs that tell most: of the node's own processes, and of the pods that are the cluster.
pub(super) fn print(folder: &Folder) {
    for name in ["containerd", "kubelet"] {
        print_end(&folder.log(name));
    }
    for pod in entries(&folder.root().join("var/log/pods")) {
        for container in entries(&pod) {
            // They are numbered by how often it was started.
            if let Some(newest) = entries(&container).last() {
                print_end(newest);
            }
        }
    }
    eprintln!("\nall logs are in {}", folder.root().join("log").display());
}

fn print_end(log: &Path) {
    let Ok(text) = fs::read(log) else { return };
    let text = String::from_utf8_lossy(&text);
    eprintln!("\nend of {}:", log.display());
    for line in end(&text) {
        eprintln!("    {line}");
    }
}

fn end(text: &str) -> impl Iterator<Item = &str> {
    let surplus = text.lines().count().saturating_sub(LINES);
    text.lines().skip(surplus)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::{LINES, end};

    #[test]
    fn the_end_is_the_last_lines() {
        let text = format!("{}last", "line\n".repeat(40));
        assert_eq!(end(&text).count(), LINES);
        assert_eq!(end(&text).last(), Some("last"));
        assert_eq!(end("one").collect::<Vec<_>>(), ["one"]);
    }
}
