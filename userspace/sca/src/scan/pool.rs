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
    host::Governor,
    observation::Observation,
    plan::{SubjectId, Task},
};

/// Commands that run at once, when nothing limits a scan.
const COMMANDS: usize = 8;

/// How much a scan does at once.
#[derive(Debug, Clone)]
pub enum Width {
    /// As much as the machine has processors for.
    Machine,
    /// One thing after the other, at a set share of a processor.
    Governed(Governor),
}

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
    pub(super) fn run(width: &Width, work: Work<'_>, body: impl FnOnce(&Self)) {
        let (files, file_jobs) = mpsc::channel();
        let (commands, command_jobs) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        let (file_jobs, command_jobs) = (Mutex::new(file_jobs), Mutex::new(command_jobs));
        thread::scope(|scope| {
            let commands = match width {
                Width::Machine => {
                    let processors = thread::available_parallelism().map_or(1, NonZero::get);
                    (0..processors).for_each(|_| start(scope, &file_jobs, work, &answer));
                    (0..COMMANDS).for_each(|_| start(scope, &command_jobs, work, &answer));
                    commands
                }
                Width::Governed(governor) => {
                    start_governed(scope, &file_jobs, governor, work, &answer);
                    files.clone()
                }
            };
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

fn start<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    jobs: &'env Mutex<Receiver<Job>>,
    work: Work<'env>,
    answer: &Sender<Answer>,
) {
    spawn(scope, jobs, answer, move |task| work(task));
}

fn start_governed<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    jobs: &'env Mutex<Receiver<Job>>,
    governor: &'env Governor,
    work: Work<'env>,
    answer: &Sender<Answer>,
) {
    spawn(scope, jobs, answer, move |task| governor.run(|| work(task)));
}

fn spawn<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    jobs: &'env Mutex<Receiver<Job>>,
    answer: &Sender<Answer>,
    work: impl Fn(&Task) -> Observation + Send + 'scope,
) {
    let answer = answer.clone();
    let thread = thread::Builder::new().name("sca".to_owned());
    let started = thread.spawn_scoped(scope, move || {
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
