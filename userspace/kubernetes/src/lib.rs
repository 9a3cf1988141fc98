//! What the agent asks of a cluster's API server: the node's pods, and who a caller is.

#![forbid(unsafe_code)]
