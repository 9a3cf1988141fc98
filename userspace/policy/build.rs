//! The policies are part of the binary: build it again when a file comes, goes or changes.

fn main() {
    println!("cargo::rerun-if-changed=../../policies");
}
