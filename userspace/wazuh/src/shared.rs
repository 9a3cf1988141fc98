//! What managers hand out to groups of agents.
