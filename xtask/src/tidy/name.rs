//! Names that say nothing, and the module form we do not use.

use super::{Fault, tree::Tree};

/// A module called one of these takes in whatever nobody finds a place for.
const EMPTY_NAMES: [&str; 6] = ["common", "helper", "helpers", "misc", "types", "utils"];

pub(super) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    for file in tree.rust_files() {
        for part in file.path.trim_end_matches(".rs").split('/') {
            if EMPTY_NAMES.contains(&part) {
                let what = format!("`{part}` names no thing");
                faults.push(Fault::new(&file.path, 1, what, "name the file after what it holds"));
            }
        }
        if file.path.ends_with("/mod.rs") {
            let remedy = "name it after its folder and put it beside that";
            faults.push(Fault::new(&file.path, 1, "mod.rs", remedy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fake::{found, tidy};

    #[test]
    fn empty_names_and_mod_rs_are_refused() {
        for path in ["src/utils.rs", "src/helpers/list.rs", "src/reader/mod.rs"] {
            let faults = found(check, &tidy().file(&format!("userspace/model/{path}"), ""));
            assert_eq!(faults.len(), 1, "{path}: {faults:?}");
        }
    }

    #[test]
    fn a_word_inside_a_name_is_no_fault() {
        assert!(found(check, &tidy().file("userspace/model/src/event_types_table.rs", "")).is_empty());
    }
}
