//! How much of everything an SCA policy may be. Wazuh's largest of about a megabyte has room several times over.

/// Size of one policy file, in bytes.
pub const FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Rules of one check, or of the requirements: Wazuh's own bound.
pub const RULES_PER_CHECK: usize = 255;

/// Checks of one policy.
pub const CHECKS: usize = 5_000;

/// Minterms of one pattern.
pub const MINTERMS: usize = 64;

/// Different patterns of one policy: each is compiled and stays in memory.
pub const PATTERNS: usize = 20_000;

/// Length of one rule when its variables are replaced, in bytes.
pub const RULE_BYTES: usize = 64 * 1024;

/// Files, and likewise folders, commands and names of processes, that one result names as looked at. Wazuh's manager takes no
/// message that has room for more; what comes after is left out.
pub const LOOKED_AT: usize = 256;

/// Variables of one policy.
pub const VARIABLES: usize = 256;

/// Problems reported of one file; what comes after is left out.
pub const PROBLEMS_PER_FILE: usize = 200;
