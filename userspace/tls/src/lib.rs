//! TLS as a client: whom to trust, and who we are.

#![forbid(unsafe_code)]
