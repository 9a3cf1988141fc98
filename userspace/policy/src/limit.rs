//! How much of everything a policy may be. A policy folder may come from a `ConfigMap` that somebody else
//! writes: none of it may exhaust the node.

/// Size of one policy file, in bytes.
pub const FILE_BYTES: u64 = 1024 * 1024;

/// Size of all policy files under one root together, in bytes.
pub const TOTAL_BYTES: u64 = 256 * 1024 * 1024;

/// Policy files under one root.
pub const FILES: usize = 20_000;

/// Directory entries of any kind looked at under one root.
pub const ENTRIES: usize = 100_000;

/// How deep directories are followed below the root.
pub const DIRECTORY_DEPTH: usize = 8;

/// Rules (YAML documents) in one file.
pub const RULES_PER_FILE: usize = 256;

/// How deep YAML collections may nest.
pub const YAML_DEPTH: usize = 16;

/// YAML nodes in one file, those that aliases repeat included.
pub const YAML_NODES: usize = 200_000;

/// YAML nodes in one file that aliases repeat. A few bytes can ask for any number of them.
pub const YAML_REPEATED: usize = 10_000;

/// YAML aliases, and YAML anchors, in one file.
pub const YAML_ALIASES: usize = 256;

/// Problems reported of one file; what comes after is left out.
pub const PROBLEMS_PER_FILE: usize = 100;

/// Length of a condition, in bytes.
pub const CONDITION_BYTES: usize = 4096;

/// How deep a condition's `not` and parentheses may nest.
pub const CONDITION_DEPTH: usize = 32;

/// Selections of one rule.
pub const SELECTIONS: usize = 256;

/// Length of one plain value or regular expression, in bytes.
pub const PATTERN_BYTES: usize = 4096;

/// Modifiers of one field test.
pub const MODIFIERS: usize = 16;

/// Values of one field test, those that modifiers make of them included, and values of one placeholder.
pub const VALUES: usize = 4096;

/// Size of all that the modifiers of one rule make of its values, in bytes.
pub const EXPANSION_BYTES: usize = 1024 * 1024;

/// Dashes of one value that `windash` exchanges: each makes five times as many values.
pub const DASHES: usize = 5;

/// Placeholders in one file.
pub const PLACEHOLDERS: usize = 1024;

/// Placeholders that one value may have.
pub const PLACEHOLDERS_PER_VALUE: usize = 8;

/// Memory that one compiled regular expression may take, in bytes.
pub const REGEX_BYTES: usize = 1024 * 1024;

/// How deep a regular expression may nest.
pub const REGEX_DEPTH: u32 = 64;

/// Rules that one correlation or exception refers to.
pub const REFERENCES: usize = 256;

/// Fields and aliases that one correlation groups by, counts values of, or gives other names to.
pub const KEYS: usize = 32;

/// How many correlations may stand on one another.
pub const CORRELATION_DEPTH: usize = 8;

/// How long a correlation looks at matches together, and how far the events of its tests lie apart, in days.
pub const TIMESPAN_DAYS: u64 = 30;

/// Test events of one rule or correlation. In memory an event is a thousand times as large as its text may be.
pub const TEST_EVENTS: usize = 512;

/// Matches that a correlation can count in one group.
pub const CORRELATION_MATCHES: usize = 10_000;
