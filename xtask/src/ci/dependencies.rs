//! deny.toml: licences, bans, sources, and known vulnerabilities where their database can be had.

use anyhow::Result;

use crate::{command, outcome::Outcome, workspace::Workspace};

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = workspace.cargo("deny");
    // A skip that nothing needs any more would hide the next duplicate.
    cargo.args(["check", "--deny", "unmatched-skip", "bans", "licenses", "sources"]);
    command::inherit(&mut cargo)?;
    Ok(Outcome::Passed)
}

pub(super) fn check_advisories(workspace: &Workspace) -> Result<Outcome> {
    let log = workspace.tools().join("advisories.log");
    match command::logged(workspace.cargo("deny").args(["check", "advisories"]), &log) {
        Ok(()) => Ok(Outcome::Passed),
        Err(error) if lacks_database(&format!("{error:#}")) => {
            Ok(Outcome::Skipped("the advisory database cannot be fetched".to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// cargo-deny ends with the same code for a found vulnerability and for a missing database.
fn lacks_database(log: &str) -> bool {
    log.contains("failed to load advisory database") || log.contains("failed to fetch advisory database")
}

#[cfg(test)]
mod tests {
    use super::lacks_database;

    #[test]
    fn a_vulnerability_is_never_taken_for_a_missing_database() {
        assert!(lacks_database("[ERROR] failed to fetch advisory database https://example"));
        assert!(!lacks_database("error[vulnerability]: a crate has a hole"));
    }
}
