//! Work that was put off does not hide in the tree: it is done, or it is an issue.

use super::{Fault, tree::Tree};

/// Written in two parts, or this file would be its own fault.
const MARKERS: [&str; 4] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("TB", "D"), concat!("XX", "X")];

pub(super) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            let is_marker = |word: &str| MARKERS.contains(&word);
            if line.split(|letter: char| !letter.is_alphanumeric()).any(is_marker) {
                let remedy = "do it, or open an issue and say here what is so";
                faults.push(Fault::new(&file.path, index + 1, "work put off", remedy));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MARKERS, check};
    use crate::tidy::fake::{found, tidy};

    #[test]
    fn every_marker_is_found_in_every_kind_of_file() {
        for marker in MARKERS {
            for path in ["userspace/model/src/a.rs", "README.md", "policies/a.yml"] {
                let faults = found(check, &tidy().file(path, &format!("first\n# {marker}: later\n")));
                assert!(faults[0].starts_with(&format!("{path}:2:")), "{faults:?}");
            }
        }
    }

    #[test]
    fn part_of_a_word_is_no_marker() {
        assert!(found(check, &tidy().file("README.md", "mktemp -t rampart.XXXXXX\n")).is_empty());
    }
}
