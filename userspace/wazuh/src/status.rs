//! How the connection is.
