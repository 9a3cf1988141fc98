//! A pattern and lines of any content: each has an answer within its steps, and a group is part of the line.
//!
//! The input is a pattern and, on the lines below it, what it is held against.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rampart_pattern::{Dialect, NamePattern, Pattern};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let Some(pattern) = lines.next().and_then(|pattern| std::str::from_utf8(pattern).ok()) else { return };
    let name = NamePattern::new(pattern);
    let Ok(pattern) = Pattern::new(Dialect::OsRegex, pattern) else { return };
    for line in lines {
        let group = pattern.first_group(line);
        assert_eq!(pattern.is_match(line), group.map(|group| group.is_some()));
        // Case matters in no pattern.
        let upper = line.to_ascii_uppercase();
        assert_eq!(pattern.is_match(&upper), group.map(|group| group.is_some()));
        std::hint::black_box(name.as_ref().map(|name| name.is_match(line)).ok());
    }
});
