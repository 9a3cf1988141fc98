//! Words that nobody uses, and the names of programs that everybody has.

use fastrand::Rng;

use super::one_of;

/// Programs of ordinary events: what rules look at by name is often there, and mostly harmless.
pub(super) const TOOLS: [&str; 32] = [
    "bash",
    "sh",
    "dash",
    "zsh",
    "python3",
    "perl",
    "ruby",
    "node",
    "curl",
    "wget",
    "nc",
    "socat",
    "gcc",
    "ld",
    "make",
    "cargo",
    "apt-get",
    "dpkg",
    "rpm",
    "dnf",
    "systemctl",
    "crontab",
    "find",
    "grep",
    "sed",
    "awk",
    "tar",
    "chmod",
    "cat",
    "ssh",
    "runc",
    "containerd-shim",
];

const SYLLABLES: [&str; 24] = [
    "ka", "ro", "mi", "tu", "vex", "lo", "zan", "per", "qui", "dor", "sha", "wep", "nil", "bra", "xo", "gel",
    "fum", "hyd", "jat", "oss", "ryn", "tiv", "ulm", "yeg",
];

/// A word of two to four syllables.
pub(super) fn made_up(rng: &mut Rng) -> String {
    (0..rng.usize(2..5)).map(|_| one_of(rng, SYLLABLES)).collect()
}

pub(super) fn tool(rng: &mut Rng) -> &'static str {
    one_of(rng, TOOLS)
}
