//! A rule of our own: those in the binary may not ask for files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

const RULE: &str = "\
title: A file of the configuration was written
id: 5d0c2bd8-5c0f-4a56-8c85-8d5a0f5b7a10
status: experimental
description: Here so that files are watched; what is measured is another file.
author: rampart
logsource:
  product: linux
  category: file_event
detection:
  written:
    TargetFilename|startswith: /etc/
  condition: written
falsepositives:
  - Every change of the configuration.
level: low
tests:
  match:
    - { TargetFilename: /etc/passwd }
  no_match:
    - { TargetFilename: /tmp/passwd }
";

/// Writes a rule that has files below /etc watched, and gives its folder.
pub(super) fn write(folder: &Path) -> Result<PathBuf> {
    let rules = folder.join("rules");
    fs::create_dir_all(&rules).with_context(|| format!("cannot create {}", rules.display()))?;
    let file = rules.join("watched.yml");
    fs::write(&file, RULE).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(rules)
}
