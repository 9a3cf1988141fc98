//! Whether this machine can run the kernel tests at all.

use std::{
    fs,
    io::{IsTerminal as _, stdin},
    path::Path,
};

use anyhow::{Context, Result, bail};

use crate::privilege::Privilege;

const BTF: &str = "/sys/kernel/btf/vmlinux";

/// The oldest kernel with a BPF ring buffer.
const OLDEST_KERNEL: (u32, u32) = (5, 8);

const CAP_SYS_ADMIN: u32 = 21;
const CAP_PERFMON: u32 = 38;
const CAP_BPF: u32 = 39;

/// An error says what is lacking.
pub(super) fn check(privilege: Privilege) -> Result<()> {
    let can_ask = privilege == Privilege::Sudo && stdin().is_terminal();
    if !can_ask && !privilege.is_silent() {
        bail!("not root, and sudo is absent or would ask for a password");
    }
    if !Path::new(BTF).is_file() {
        bail!("the kernel has no BTF ({BTF})");
    }
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").context("cannot tell the kernel")?;
    check_release(release.trim())?;
    let status = fs::read_to_string("/proc/self/status").context("cannot tell the capabilities")?;
    check_bounding_set(&status)
}

fn check_release(release: &str) -> Result<()> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit()).map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        bail!("cannot make out the kernel release {release}");
    };
    if (major, minor) < OLDEST_KERNEL {
        bail!("kernel {release} has no BPF ring buffer");
    }
    Ok(())
}

/// In a container root itself may be without eBPF, with and without sudo.
fn check_bounding_set(status: &str) -> Result<()> {
    let set = status
        .lines()
        .find_map(|line| line.strip_prefix("CapBnd:"))
        .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok())
        .context("no bounding set in /proc/self/status")?;
    let has = |capability: u32| set & (1 << capability) != 0;
    if has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON)) {
        return Ok(());
    }
    bail!("the capabilities BPF and PERFMON are out of reach here")
}

#[cfg(test)]
mod tests {
    use super::{check_bounding_set, check_release};

    #[test]
    fn kernels_are_told_apart_by_number() {
        for release in ["5.8.0", "5.10.223-1", "6.18.0+", "10.0"] {
            check_release(release).unwrap();
        }
        for release in ["5.7.19", "4.19.0-26-amd64", "linux"] {
            check_release(release).unwrap_err();
        }
    }

    #[test]
    fn a_container_without_the_capabilities_is_seen() {
        check_bounding_set("Name:\tx\nCapBnd:\t000001ffffffffff\n").unwrap();
        check_bounding_set("CapBnd:\t000000c000000000\n").unwrap();
        check_bounding_set("CapBnd:\t00000000a80425fb\n").unwrap_err();
        check_bounding_set("Name:\tx\n").unwrap_err();
    }
}
