use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};

use crate::plan::{SubjectId, Task};

pub(super) type Job = (SubjectId, Task);

/// What is still to be done, at most as much as there is in the plan.
#[derive(Default)]
pub(super) struct Jobs {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Jobs {
    pub(super) fn put(&self, job: Job) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.push_back(job);
        self.changed.notify_one();
    }

    /// Whoever waits for a job gets none any more.
    pub(super) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }

    /// Waits for the next job; none when it is closed.
    pub(super) fn next(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
