//! SCA policies and lines: whatever is read can be held against any line.
//!
//! The input is a policy, a line of `===`, and lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_policy::{Catalogue, Mode};
use rampart_sca::{Content, Target, parse};

fn content(target: &Target) -> Option<&Content> {
    match target {
        Target::File { content, .. } | Target::Command { content, .. } => content.as_deref(),
        Target::Directory { entries, .. } => entries.as_ref()?.content.as_deref(),
        Target::Process { content } => Some(content),
    }
}

fuzz_target!(|data: &[u8]| {
    let end = data.windows(5).position(|window| window == b"\n===\n").unwrap_or(data.len());
    let (policy, lines) = data.split_at(end);
    for mode in [Mode::Strict, Mode::Lenient] {
        let parsed = parse("fuzz.yml", policy, &Catalogue::default(), mode);
        for problem in &parsed.problems {
            std::hint::black_box((problem.to_string(), problem.help()));
        }
        let rules = parsed.policy.iter().flat_map(|policy| &policy.checks).flat_map(|check| &check.rules);
        for content in rules.filter_map(|rule| content(&rule.target)) {
            for line in lines.split(|byte| *byte == b'\n').take(64) {
                std::hint::black_box(content.test(line));
            }
        }
    }
});
