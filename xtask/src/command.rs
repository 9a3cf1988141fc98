//! Child processes: started, logged, and explained when they fail.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result, bail};

const TAIL_LINES: usize = 15;

/// Folders that an ordinary user's `PATH` lacks on Debian, where administration programs live.
const ADMIN_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// The file that `program` would start, from `PATH` and the administration folders.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(ADMIN_FOLDERS.iter().map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// What `command` writes to its standard output, trimmed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", describe(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` {}\n{}",
            describe(command),
            ending(output.status),
            tail(&String::from_utf8_lossy(&output.stderr))
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs `command` on this terminal.
pub(crate) fn inherit(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", describe(command)))?;
    if !status.success() {
        bail!("`{}` {}", describe(command), ending(status));
    }
    Ok(())
}

/// Runs `command` with all its output in `log`; an error carries the log's last lines.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot start `{}`", describe(command)))?;
    if !status.success() {
        let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
        bail!("`{}` {}; end of {}:\n{}", describe(command), ending(status), log.display(), tail(&text));
    }
    Ok(())
}

/// The command as one would type it.
pub(crate) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn ending(status: ExitStatus) -> String {
    status.code().map_or_else(|| format!("was ended ({status})"), |code| format!("failed with code {code}"))
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let kept = lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default();
    kept.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{capture, find, logged, tail};
    use std::process::Command;

    #[test]
    fn a_failure_carries_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("deep/run.log");
        let mut command = Command::new("sh");
        command.args(["-c", "seq 1 40; echo broken >&2; exit 3"]);

        let error = logged(&mut command, &log).unwrap_err().to_string();

        assert!(error.contains("failed with code 3"), "{error}");
        assert!(error.contains("    broken"), "{error}");
        assert!(!error.contains("    1\n"), "{error}");
    }

    #[test]
    fn captured_output_is_trimmed_and_a_missing_program_is_named() {
        assert_eq!(capture(Command::new("echo").arg("one")).unwrap(), "one");
        let error = capture(&mut Command::new("no-such-program-here")).unwrap_err().to_string();
        assert!(error.contains("no-such-program-here"), "{error}");
    }

    #[test]
    fn a_short_text_is_its_own_tail() {
        assert_eq!(tail("a\nb"), "    a\n    b");
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program-here").is_none());
    }
}
