//! Where managers are.
