//! What /proc/PID/stat says of every process.

use std::{
    fs::{self, File},
    io::Read as _,
    path::PathBuf,
};

use rampart_model::ProcessKey;

use super::follower::Sample;
use crate::proc::Stat;

/// The fields that matter end well before: a name has at most 64 bytes, a number 20.
const MAX_LINE: usize = 1024;

/// Reads a line of each process, with buffers that are kept.
#[derive(Debug)]
pub(super) struct Stats {
    path: PathBuf,
    line: [u8; MAX_LINE],
}

impl Stats {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { path: root, line: [0; MAX_LINE] }
    }

    /// Hands on each process that is none of the kernel's own threads, with its name.
    pub(super) fn each(&mut self, mut take: impl FnMut(Sample, &[u8])) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            self.path.extend([name.as_os_str(), "stat".as_ref()]);
            let read = File::open(&self.path).and_then(|mut file| file.read(&mut self.line));
            // The root is again what it was.
            self.path.pop();
            self.path.pop();
            let Some(stat) = read.ok().and_then(|length| Stat::parse(self.line.get(..length)?)) else {
                continue;
            };
            if !stat.is_kernel_thread() {
                let process = ProcessKey::new(pid, stat.start_ns);
                take(Sample { process, used_ns: stat.used_ns }, stat.name);
            }
        }
    }
}
