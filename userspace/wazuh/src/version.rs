//! Which version an agent says it has.
