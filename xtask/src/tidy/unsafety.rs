//! Unsafe code stays in the crate that speaks to the kernel, in the programs inside it, and in the tests' actor.

use super::{Fault, code, tree::Tree};

/// Folders that need it.
const EXEMPT: [&str; 3] = ["userspace/kernel/", "ebpf/programs/", "tests/actor/"];

const ATTRIBUTE: &str = "#![forbid(unsafe_code)]";

pub(super) fn check(tree: &Tree, faults: &mut Vec<Fault>) {
    let roots: Vec<String> = tree
        .members
        .iter()
        .flat_map(|member| ["lib.rs", "main.rs"].map(|root| format!("{}/src/{root}", member.folder)))
        .collect();
    for file in tree.rust_files().filter(|file| !EXEMPT.iter().any(|folder| file.path.starts_with(folder))) {
        if roots.contains(&file.path) && !file.text.contains(ATTRIBUTE) {
            let what = "the crate does not forbid unsafe code";
            faults.push(Fault::new(&file.path, 1, what, format!("put {ATTRIBUTE} at its top")));
        }
        for line in code::lines_with_word(&file.text, "unsafe") {
            let remedy = "move it to userspace/kernel, or use a safe function of rustix";
            faults.push(Fault::new(&file.path, line, "unsafe code", remedy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fake::{found, tidy};

    #[test]
    fn every_root_forbids() {
        let faults = found(check, &tidy().file("userspace/model/src/lib.rs", "//! A crate.\n"));
        assert_eq!(faults.len(), 1, "{faults:?}");
    }

    #[test]
    fn unsafe_code_is_seen_outside_the_root_too() {
        let text = "fn first() {}\nfn second() { unsafe { third() } }\n";
        let faults = found(check, &tidy().file("userspace/model/tests/all.rs", text));
        assert!(faults[0].starts_with("userspace/model/tests/all.rs:2: unsafe code"), "{faults:?}");
    }

    #[test]
    fn words_about_it_and_the_kernel_crate_are_free() {
        let text = "// unsafe is a word\nconst WORD: &str = \"unsafe\";\n";
        assert!(found(check, &tidy().file("userspace/model/src/word.rs", text)).is_empty());
        let real = "pub fn f() { unsafe {} }\n";
        assert!(found(check, &tidy().file("userspace/kernel/src/bpf.rs", real)).is_empty());
        assert_eq!(found(check, &tidy().file("userspace/bus/src/bpf.rs", real)).len(), 1);
    }
}
