use std::{
    fs::{self, File, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
    process,
};

use anyhow::Context as _;

use crate::exit::{Exit, Failure};

/// Held while this is the agent of the node. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Instance {
    _lock: File,
}

impl Instance {
    /// Takes the node's lock.
    pub(crate) fn claim(path: &Path) -> Result<Self, Failure> {
        let mut file = open(path).map_err(|error| Failure::new(Exit::NotPermitted, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // The number only helps to find the other; the lock itself decides.
                (&file).take(20).read_to_string(&mut pid).unwrap_or_default();
                let message = format!(
                    "another agent runs on this node (pid {}, lock {}); stop it first",
                    pid.trim(),
                    path.display()
                );
                return Err(Failure::message(Exit::Unavailable, message));
            }
            Err(TryLockError::Error(error)) => {
                let error = anyhow::Error::from(error).context(format!("locking {}", path.display()));
                return Err(Failure::new(Exit::Internal, error));
            }
        }
        write_pid(&mut file).with_context(|| format!("writing {}", path.display()))?;
        Ok(Self { _lock: file })
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let options = File::options().read(true).write(true).create(true).truncate(false).open(path);
    options.with_context(|| format!("opening {}", path.display()))
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/lock");
        let first = Instance::claim(&path).unwrap();
        let second = Instance::claim(&path).unwrap_err();
        assert_eq!(second.exit, Exit::Unavailable);
        drop(first);
        drop(Instance::claim(&path).unwrap());
    }
}
