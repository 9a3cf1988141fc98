//! What the agent answers to machines over TLS: results, to callers that the cluster knows.

#![forbid(unsafe_code)]
