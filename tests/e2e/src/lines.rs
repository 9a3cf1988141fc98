use std::{
    io::{BufRead as _, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Lines that a process writes, collected as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Lines {
    pub(crate) fn collect(from: impl Read + Send + 'static) -> anyhow::Result<Self> {
        let lines = Self::default();
        let shared = lines.clone();
        thread::Builder::new().name("lines".to_owned()).spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                let (list, changed) = &*shared.0;
                list.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                changed.notify_all();
            }
        })?;
        Ok(lines)
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `wanted` finds something in the lines so far.
    pub(crate) fn wait<T>(&self, patience: Duration, wanted: impl Fn(&[String]) -> Option<T>) -> Option<T> {
        let (list, changed) = &*self.0;
        let deadline = Instant::now() + patience;
        let mut lines = list.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = wanted(&lines) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            lines = changed.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
