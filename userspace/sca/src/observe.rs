//! Looking at one thing, for all patterns that are asked of it at once.

mod command;
mod file;
mod folder;
mod matching;
mod processes;

use rampart_model::Timestamp;

use crate::{host::Host, observation::Observation, plan::Task};

/// Looks at it.
pub(crate) fn observe(host: &Host, task: &Task, clock: fn() -> Timestamp) -> Observation {
    let at = clock();
    let engine = |work: &dyn Fn() -> Observation| host.governor().run(work);
    match task {
        Task::File { path, contents } => {
            engine(&|| Observation::File(file::observe(host, path, contents, at)))
        }
        Task::Folder { path, existence, entries } => {
            engine(&|| Observation::Folder(folder::observe(host, path, *existence, entries, at)))
        }
        // Governs itself.
        Task::Command { line, contents } => Observation::Command(command::observe(host, line, contents, at)),
        Task::Processes { contents } => {
            engine(&|| Observation::Processes(processes::observe(host, contents, at)))
        }
    }
}
