use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{self, Receiver, SyncSender},
    thread::{self, Scope},
};

use super::jobs::Jobs;
use crate::{
    host::Host,
    observation::Observation,
    plan::{SubjectId, Task},
};

/// Commands that run at once. With a share of a processor everything is done one after the other.
const COMMANDS: usize = 8;

/// Answers that wait to be looked at. When they are full the threads wait.
const ANSWERS: usize = 64;

type Answer = (SubjectId, Option<Observation>);
type Work<'w> = &'w (dyn Fn(&Task) -> Observation + Sync);

/// Threads that look at things: some wait for commands, some read files.
pub(super) struct Pool<'j> {
    commands: &'j Jobs,
    files: &'j Jobs,
    answers: Receiver<Answer>,
}

impl Pool<'_> {
    /// Runs `body` with the threads, and ends them after it.
    pub(super) fn run(host: &Host, work: Work<'_>, body: impl FnOnce(&Pool<'_>)) {
        let (files, commands) = (Jobs::default(), Jobs::default());
        let (answer, answers) = mpsc::sync_channel(ANSWERS);
        let (readers, runners) = if host.governor().is_off() {
            (thread::available_parallelism().map_or(1, NonZero::get), COMMANDS)
        } else {
            (1, 0)
        };
        thread::scope(|scope| {
            for _ in 0..readers {
                spawn(scope, &files, host, work, answer.clone());
            }
            for _ in 0..runners {
                spawn(scope, &commands, host, work, answer.clone());
            }
            // So that the answers end when all threads have.
            drop(answer);
            body(&Pool { commands: if runners == 0 { &files } else { &commands }, files: &files, answers });
        });
    }

    pub(super) fn start(&self, id: SubjectId, task: Task) {
        let jobs = if matches!(task, Task::Command { .. }) { self.commands } else { self.files };
        jobs.put((id, task));
    }

    /// The next that has been looked at; none when all threads have ended.
    pub(super) fn next(&self) -> Option<Answer> {
        self.answers.recv().ok()
    }
}

/// Also when `body` panics: the scope waits for the threads.
impl Drop for Pool<'_> {
    fn drop(&mut self) {
        self.commands.close();
        self.files.close();
    }
}

fn spawn<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    jobs: &'env Jobs,
    host: &'env Host,
    work: Work<'env>,
    answer: SyncSender<Answer>,
) {
    let thread = thread::Builder::new().name("sca".to_owned());
    let started = thread.spawn_scoped(scope, move || {
        host.enter();
        while let Some((id, task)) = jobs.next() {
            // Whoever waits for it must hear of it in any case.
            let seen = catch_unwind(AssertUnwindSafe(|| work(&task))).ok();
            if answer.send((id, seen)).is_err() {
                return;
            }
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "a thread for the scan could not be started");
    }
}
