use crate::names::{Flags, Names, joined};

/// Another identity or other capabilities, by a call of the process itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsChange {
    /// As whom it acted.
    pub before: Identity,
    /// As whom it acts now.
    pub after: Identity,
}

/// As whom a process acts, and what it may, in the host's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Real user id.
    pub uid: u32,
    /// Effective user id.
    pub euid: u32,
    /// Real group id.
    pub gid: u32,
    /// Effective group id.
    pub egid: u32,
    /// Effective capabilities.
    pub capabilities: Capabilities,
}

/// A set of capabilities, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Capabilities(pub u64);

impl CredentialsChange {
    /// The capabilities that it has now and had not before.
    #[must_use]
    pub const fn gained(&self) -> Capabilities {
        Capabilities(self.after.capabilities.0 & !self.before.capabilities.0)
    }
}

impl Capabilities {
    /// Their names, joined with commas.
    #[must_use]
    pub const fn names(self) -> Names {
        joined(CAPABILITIES, self.0)
    }
}

/// By their numbers (include/uapi/linux/capability.h).
const CAPABILITIES: &Flags = &[
    (1, "chown"),
    (1 << 1, "dac_override"),
    (1 << 2, "dac_read_search"),
    (1 << 3, "fowner"),
    (1 << 4, "fsetid"),
    (1 << 5, "kill"),
    (1 << 6, "setgid"),
    (1 << 7, "setuid"),
    (1 << 8, "setpcap"),
    (1 << 9, "linux_immutable"),
    (1 << 10, "net_bind_service"),
    (1 << 11, "net_broadcast"),
    (1 << 12, "net_admin"),
    (1 << 13, "net_raw"),
    (1 << 14, "ipc_lock"),
    (1 << 15, "ipc_owner"),
    (1 << 16, "sys_module"),
    (1 << 17, "sys_rawio"),
    (1 << 18, "sys_chroot"),
    (1 << 19, "sys_ptrace"),
    (1 << 20, "sys_pacct"),
    (1 << 21, "sys_admin"),
    (1 << 22, "sys_boot"),
    (1 << 23, "sys_nice"),
    (1 << 24, "sys_resource"),
    (1 << 25, "sys_time"),
    (1 << 26, "sys_tty_config"),
    (1 << 27, "mknod"),
    (1 << 28, "lease"),
    (1 << 29, "audit_write"),
    (1 << 30, "audit_control"),
    (1 << 31, "setfcap"),
    (1 << 32, "mac_override"),
    (1 << 33, "mac_admin"),
    (1 << 34, "syslog"),
    (1 << 35, "wake_alarm"),
    (1 << 36, "block_suspend"),
    (1 << 37, "audit_read"),
    (1 << 38, "perfmon"),
    (1 << 39, "bpf"),
    (1 << 40, "checkpoint_restore"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_gained() {
        let identity = |bits| Identity { uid: 0, euid: 0, gid: 0, egid: 0, capabilities: Capabilities(bits) };
        for (before, after, gained) in [
            (0, 1 << 21 | 1, "chown,sys_admin"),
            (1 << 21, 1 << 21 | 1 << 40, "checkpoint_restore"),
            (u64::MAX, 1 << 21, ""),
        ] {
            let change = CredentialsChange { before: identity(before), after: identity(after) };
            assert_eq!(change.gained().names().to_string(), gained);
        }
    }

    #[test]
    fn every_capability_has_one_bit() {
        let bits: Vec<u64> = (0..CAPABILITIES.len()).map(|number| 1 << number).collect();
        assert_eq!(CAPABILITIES.iter().map(|(bit, _)| *bit).collect::<Vec<_>>(), bits);
    }
}
