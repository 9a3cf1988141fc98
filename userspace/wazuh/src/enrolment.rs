//! How a key is asked for.
