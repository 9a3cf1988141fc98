//! Descriptors that whoever started this program left open.

use std::{fs, io};

/// stdin, stdout and stderr are meant to be inherited.
const STANDARD: i32 = 2;

/// Keeps every descriptor but the first three from the programs that this one executes. Those that Rust opens are kept from
/// them anyway; those that were inherited are not, and a command of a policy could write to what they lead to.
///
/// To be called before there is a second thread.
///
/// # Errors
/// When /proc cannot be read.
pub fn close_on_exec() -> io::Result<()> {
    for entry in fs::read_dir("/proc/self/fd")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        if number > STANDARD {
            // SAFETY: no memory is involved, and the flag takes nothing from whoever owns the descriptor. It is open: this is
            // the only thread, and only what lists the folder closes something.
            let outcome = unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
            if outcome < 0 {
                return Err(io::Error::last_os_error());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::fd::AsRawFd as _, process::Command};

    use super::close_on_exec;

    #[test]
    fn a_descriptor_is_not_inherited_any_more() {
        let file = File::open("/proc/self/status").unwrap();
        let number = file.as_raw_fd();
        let is_inherited = || {
            let output = Command::new("readlink").arg(format!("/proc/self/fd/{number}")).output().unwrap();
            output.stdout.ends_with(b"/status\n")
        };
        // SAFETY: the descriptor is open, and there are no other conditions.
        assert_eq!(unsafe { libc::fcntl(number, libc::F_SETFD, 0) }, 0);
        assert!(is_inherited());
        close_on_exec().unwrap();
        assert!(!is_inherited());
    }
}
