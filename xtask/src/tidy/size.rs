//! Small files.

use super::{Fault, tree::Tree};

const LIMIT: usize = 450;

/// No reason lifts this one.
const HARD_LIMIT: usize = 800;

/// Files over the limit, each with what makes it better long than split.
const LONG: [(&str, &str); 0] = [];

pub(super) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    check_with(&LONG, tree, faults);
}

fn check_with(long: &[(&str, &str)], tree: &Tree, faults: &mut Vec<Fault>) {
    for file in tree.rust_files() {
        let lines = file.text.lines().count();
        let is_named = long.iter().any(|(path, _)| *path == file.path);
        if lines > HARD_LIMIT || (lines > LIMIT && !is_named) {
            let limit = if is_named { HARD_LIMIT } else { LIMIT };
            let what = format!("{lines} lines, the limit is {limit}");
            faults.push(Fault::new(&file.path, lines, what, "split it by what it is about"));
        }
        if is_named && lines <= LIMIT {
            let remedy = "take it off the list of long files in xtask/src/tidy/size.rs";
            faults.push(Fault::new(&file.path, 1, format!("{lines} lines, no longer long"), remedy));
        }
    }
    for (path, _) in long {
        if !tree.files.iter().any(|file| file.path == *path) {
            let remedy = "take it off the list of long files in xtask/src/tidy/size.rs";
            faults.push(Fault::new(path, 1, "no such file", remedy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_with;
    use crate::tidy::fake::tidy;

    const PATH: &str = "userspace/model/src/table.rs";

    fn faults(lines: usize, long: &[(&str, &str)]) -> usize {
        let tree = tidy().file(PATH, &"\n".repeat(lines)).read();
        let mut faults = Vec::new();
        check_with(long, &tree, &mut faults);
        faults.len()
    }

    #[test]
    fn a_long_file_needs_a_reason() {
        assert_eq!(faults(450, &[]), 0);
        assert_eq!(faults(451, &[]), 1);
        assert_eq!(faults(451, &[(PATH, "a table")]), 0);
    }

    #[test]
    fn no_reason_lifts_the_cap() {
        assert_eq!(faults(801, &[(PATH, "a table")]), 1);
    }

    #[test]
    fn a_reason_that_nobody_needs_goes() {
        assert_eq!(faults(10, &[(PATH, "a table")]), 1);
        assert_eq!(faults(10, &[("userspace/model/src/gone.rs", "a table")]), 1);
    }
}
