use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

/// Something a test did: which process, and what it printed.
#[derive(Debug)]
pub struct Deed {
    /// The shell's process id.
    pub pid: u32,
    /// Its standard output.
    pub output: String,
}

/// Runs a script in a shell and waits for it.
///
/// # Errors
/// When it cannot be run or fails.
pub fn sh(script: &str) -> anyhow::Result<Deed> {
    let child = Command::new("/bin/sh")
        .args(["-euc", script])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let pid = child.id();
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{script}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(Deed { pid, output: String::from_utf8_lossy(&output.stdout).into_owned() })
}

/// Runs a copy of `program` under another name.
///
/// # Errors
/// When it cannot be copied or started.
pub fn spawn_named(folder: &Path, program: &str, name: &str, args: &[&str]) -> anyhow::Result<Child> {
    let copy = folder.join(name);
    fs::copy(program, &copy).with_context(|| format!("copying {program}"))?;
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
    Ok(Command::new(&copy)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?)
}
