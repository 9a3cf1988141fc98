use std::{
    io::{BufRead as _, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Lines that a process writes, collected as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(Arc<(Mutex<Written>, Condvar)>);

#[derive(Debug, Default)]
struct Written {
    lines: Vec<String>,
    /// Nobody can write any more.
    closed: bool,
}

impl Lines {
    pub(crate) fn collect(from: impl Read + Send + 'static) -> anyhow::Result<Self> {
        let lines = Self::default();
        let shared = lines.clone();
        thread::Builder::new().name("lines".to_owned()).spawn(move || {
            let (written, changed) = &*shared.0;
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                written.lock().unwrap_or_else(PoisonError::into_inner).lines.push(line);
                changed.notify_all();
            }
            written.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
            changed.notify_all();
        })?;
        Ok(lines)
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).lines.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).lines.len()
    }

    /// Waits until `wanted` finds something in the lines so far; none when it can find nothing any more.
    pub(crate) fn wait<T>(&self, patience: Duration, wanted: impl Fn(&[String]) -> Option<T>) -> Option<T> {
        self.wait_until(patience, |written| match wanted(&written.lines) {
            Some(found) => Some(Some(found)),
            None => written.closed.then_some(None),
        })?
    }

    /// All lines, once nobody can write any more; none when that takes too long.
    pub(crate) fn complete(&self, patience: Duration) -> Option<Vec<String>> {
        self.wait_until(patience, |written| written.closed.then(|| written.lines.clone()))
    }

    fn wait_until<T>(&self, patience: Duration, decided: impl Fn(&Written) -> Option<T>) -> Option<T> {
        let (written, changed) = &*self.0;
        let deadline = Instant::now() + patience;
        let mut now = written.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(decision) = decided(&now) {
                return Some(decision);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            now = changed.wait_timeout(now, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
