use std::{fmt, io};

use rustix::io::Errno;

/// An error of the kernel in the words of strerror(3), which reasons quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause(Errno);

impl Cause {
    /// The number, as in errno(3).
    #[must_use]
    pub const fn errno(self) -> i32 {
        self.0.raw_os_error()
    }
}

impl From<Errno> for Cause {
    fn from(errno: Errno) -> Self {
        Self(errno)
    }
}

/// Errors that are not the kernel's own stand as EIO.
impl From<&io::Error> for Cause {
    fn from(error: &io::Error) -> Self {
        Self(Errno::from_io_error(error).unwrap_or(Errno::IO))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = io::Error::from(self.0).to_string();
        // The standard library appends the number.
        formatter.write_str(text.split(" (os error").next().unwrap_or(&text))
    }
}
