//! One connection to a manager.
