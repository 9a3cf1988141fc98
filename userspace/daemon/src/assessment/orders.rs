use std::{
    io::{self, Write as _},
    process::ChildStdin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Instant,
};

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Scan,
    End,
}

/// Tells the assessor to scan, and to end.
#[derive(Debug, Clone)]
pub(crate) struct Orders(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    wanted: bool,
    // Closing it ends the scanner, and a scan that is under way.
    requests: Option<ChildStdin>,
}

impl Orders {
    pub(super) fn new(requests: ChildStdin) -> Self {
        let state = State { wanted: false, requests: Some(requests) };
        Self(Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }))
    }

    /// Scan now, or once more after the scan that is under way.
    pub(crate) fn scan(&self) {
        self.change(|state| state.wanted = true);
    }

    /// End, also in the middle of a scan.
    pub(crate) fn end(&self) {
        self.change(|state| state.requests = None);
    }

    pub(super) fn ended(&self) -> bool {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).requests.is_none()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.changed.notify_all();
    }

    /// Waits until it is time for the next scan, or somebody wants one earlier.
    pub(super) fn wait_until(&self, next: Instant) -> Order {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.requests.is_none() {
                return Order::End;
            }
            let left = next.saturating_duration_since(Instant::now());
            if state.wanted || left.is_zero() {
                state.wanted = false;
                return Order::Scan;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Asks the scanner for a scan.
    pub(super) fn request(&self) -> io::Result<()> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = state.requests.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        requests.write_all(b"scan\n")
    }
}
