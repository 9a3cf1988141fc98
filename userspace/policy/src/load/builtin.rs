//! The catalogues in the binary, which nearly every load needs and none changes.

use std::sync::OnceLock;

use super::Load;
use crate::{Catalogue, Mode, Problem, source};

/// What they say, and what is wrong with them. They are long, so they are read once in a process's life.
pub(super) fn catalogue() -> &'static (Catalogue, Vec<Problem>) {
    static READ: OnceLock<(Catalogue, Vec<Problem>)> = OnceLock::new();
    READ.get_or_init(|| {
        let mut load = Load::new(Mode::Strict);
        let catalogue = load.catalogue(&source::read_embedded());
        (catalogue, load.problems)
    })
}
