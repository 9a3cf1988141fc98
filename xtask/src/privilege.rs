//! Becoming root for the few steps that need it.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::command;

/// How this user can run something as root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privilege {
    /// The user is root already.
    Root,
    /// `sudo` runs it, perhaps asking for a password.
    Sudo,
    /// There is no way.
    None,
}

impl Privilege {
    /// What this process has.
    pub(crate) fn detect() -> Self {
        if rustix::process::geteuid().is_root() {
            Self::Root
        } else if command::find("sudo").is_some() {
            Self::Sudo
        } else {
            Self::None
        }
    }

    /// Whether root can be had without asking anybody, which a test run must not do.
    pub(crate) fn is_silent(self) -> bool {
        match self {
            Self::Root => true,
            Self::Sudo => Command::new("sudo")
                .args(["-n", "true"])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success()),
            Self::None => false,
        }
    }

    /// A command that starts `program` as root with `variables` in its environment.
    pub(crate) fn command(self, program: &str, variables: &[(&str, &str)]) -> Result<Command> {
        match self {
            Self::Root => {
                let mut command = Command::new(program);
                command.envs(variables.iter().copied());
                Ok(command)
            }
            Self::Sudo => {
                let mut command = Command::new("sudo");
                // sudo's own `NAME=value` needs a permission in sudoers that not everybody has.
                command.arg("env").args(variables.iter().map(|(name, value)| format!("{name}={value}")));
                command.arg(program);
                Ok(command)
            }
            Self::None => bail!("`{program}` has to run as root: become root, or install sudo"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Privilege;
    use crate::command::describe;

    #[test]
    fn sudo_hands_the_variables_through() {
        let command = Privilege::Sudo.command("/bin/test", &[("NAME", "value")]).unwrap();
        assert_eq!(describe(&command), "sudo env NAME=value /bin/test");
    }

    #[test]
    fn root_starts_it_directly() {
        let command = Privilege::Root.command("/bin/test", &[("NAME", "value")]).unwrap();
        assert_eq!(command.get_program(), "/bin/test");
        assert_eq!(command.get_envs().count(), 1);
    }

    #[test]
    fn without_a_way_the_program_is_named() {
        let error = Privilege::None.command("/bin/test", &[]).unwrap_err().to_string();
        assert!(error.contains("/bin/test") && error.contains("sudo"), "{error}");
    }
}
