use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, Scope},
};

use crate::{
    host::Host,
    observation::Observation,
    plan::{SubjectId, Task},
};

/// Commands that run at once. With a share of a processor everything is done one after the other.
const COMMANDS: usize = 8;

type Job = (SubjectId, Task);
type Answer = (SubjectId, Option<Observation>);
type Work<'w> = &'w (dyn Fn(&Task) -> Observation + Sync);

/// Threads that look at things: some wait for commands, some read files.
pub(super) struct Pool {
    commands: Sender<Job>,
    files: Sender<Job>,
    answers: Receiver<Answer>,
}

impl Pool {
    /// Runs `body` with the threads, and ends them after it.
    pub(super) fn run(host: &Host, work: Work<'_>, body: impl FnOnce(&Self)) {
        let (files, file_jobs) = mpsc::channel();
        let (commands, command_jobs) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        let (file_jobs, command_jobs) = (Mutex::new(file_jobs), Mutex::new(command_jobs));
        let (readers, runners) = if host.governor().is_off() {
            (thread::available_parallelism().map_or(1, NonZero::get), COMMANDS)
        } else {
            (1, 0)
        };
        thread::scope(|scope| {
            for _ in 0..readers {
                spawn(scope, &file_jobs, host, work, answer.clone());
            }
            for _ in 0..runners {
                spawn(scope, &command_jobs, host, work, answer.clone());
            }
            let commands = if runners == 0 { files.clone() } else { commands };
            // So that the answers end when all threads have.
            drop(answer);
            body(&Self { commands, files, answers });
        });
    }

    /// False when no thread is there to take it.
    pub(super) fn start(&self, id: SubjectId, task: Task) -> bool {
        let queue = if matches!(task, Task::Command { .. }) { &self.commands } else { &self.files };
        queue.send((id, task)).is_ok()
    }

    /// The next that has been looked at; none when all threads have ended.
    pub(super) fn next(&self) -> Option<Answer> {
        self.answers.recv().ok()
    }
}

fn spawn<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    jobs: &'env Mutex<Receiver<Job>>,
    host: &'env Host,
    work: Work<'env>,
    answer: Sender<Answer>,
) {
    let thread = thread::Builder::new().name("sca".to_owned());
    let started = thread.spawn_scoped(scope, move || {
        // Without it a few files below /proc/sys are the container's.
        if let Err(error) = host.enter() {
            tracing::warn!(%error, "the host's namespaces cannot be entered");
        }
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((id, task)) = job else { return };
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
