//! docs/kernel-support.md: what the daemon sees on which kernel.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{
    difference::{self, Difference},
    table::{row, ruler},
};
use crate::{
    probe::{self, Hook, Probe},
    vm::{KERNELS, Kernel},
    workspace::Workspace,
};

const HEAD: &str = "\
<!-- Made by `cargo xtask codegen` from tests/e2e/probes and tests/e2e/kernels.toml: change those. -->

# Kernel support

Rampart needs Linux 5.8 or later with BTF (`/sys/kernel/btf/vmlinux`). `rampart probe` says for the kernel it runs on
what this page says for the kernels that every change is tested on. They are Debian's, booted by `cargo xtask vm` with
`bpf` among the security modules (`lsm=`).
";

const SCENARIOS: &str = "\
Each scenario of `tests/e2e/scenarios` is played on each kernel twice: with whatever the kernel offers (`auto`), and with
tracepoints only (`tracepoints`), as where function tracing and LSM programs are locked away. One whose system call a kernel
does not have is skipped there by name.
";

/// A kernel and what was kept of it.
type Probed = (Kernel, Probe);

/// Makes the page.
pub(super) fn page(workspace: &Workspace) -> Result<String> {
    let mut probed = Vec::new();
    for kernel in KERNELS {
        probed.push((kernel, Probe::read(&probe::path(workspace, kernel.name))?));
    }
    let differences = difference::read(&workspace.differences())?;
    Ok(render(&probed, &differences))
}

fn render(probed: &[Probed], differences: &[Difference]) -> String {
    let mut lines = vec![HEAD.to_owned()];
    lines.extend(kernels(probed));
    lines.push("\n## Hooks\n".to_owned());
    lines.extend(hooks(probed));
    lines.push("\n## What is missing, and why".to_owned());
    lines.extend(probed.iter().flat_map(missing));
    lines.push(format!("\n## Scenarios that differ\n\n{SCENARIOS}"));
    lines.extend(scenarios(differences));
    lines.push(String::new());
    lines.join("\n")
}

fn kernels(probed: &[Probed]) -> Vec<String> {
    let mut lines =
        vec!["| kernel | release | Debian suite | hooks attached | fields missing |".to_owned(), ruler(5)];
    lines.extend(probed.iter().map(|(kernel, probe)| {
        let attached = probe.hooks.iter().filter(|hook| hook.attached).count();
        let wanted = probe.hooks.iter().filter(|hook| hook.replaced_by.is_none()).count();
        row(&[
            kernel.name.to_owned(),
            probe.kernel.release.clone(),
            kernel.suite.to_owned(),
            format!("{attached} of {wanted}"),
            if probe.missing.is_empty() { "none".to_owned() } else { probe.missing.len().to_string() },
        ])
    }));
    lines
}

/// A row for each hook of any kernel, in the order of the newest.
fn hooks(probed: &[Probed]) -> Vec<String> {
    let mut heads = vec!["hook".to_owned(), "event".to_owned()];
    heads.extend(probed.iter().map(|(kernel, _)| kernel.name.to_owned()));
    heads.push("sees".to_owned());
    let mut lines = vec![row(&heads), ruler(heads.len())];
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for hook in probed.iter().rev().flat_map(|(_, probe)| &probe.hooks) {
        if seen.contains(&(&hook.program, &hook.point)) {
            continue;
        }
        seen.push((&hook.program, &hook.point));
        let mut cells = vec![format!("`{}`", hook.point), hook.event.clone()];
        cells.extend(probed.iter().map(|(_, probe)| state(probe, hook).to_owned()));
        cells.push(hook.without.clone());
        lines.push(row(&cells));
    }
    lines
}

fn state(probe: &Probe, hook: &Hook) -> &'static str {
    let same = |other: &&Hook| other.program == hook.program && other.point == hook.point;
    match probe.hooks.iter().find(same) {
        Some(found) if found.attached => "yes",
        Some(found) if found.replaced_by.is_some() => "replaced",
        Some(_) => "no",
        None => "not tried",
    }
}

/// Hooks with the same reason are told together: mostly a kernel lacks a thing, and not single hooks.
fn missing((kernel, probe): &Probed) -> Vec<String> {
    let mut by_reason: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for hook in probe.hooks.iter().filter(|hook| !hook.attached && hook.replaced_by.is_none()) {
        let reason = hook.reason.as_deref().unwrap_or("no reason is known");
        by_reason.entry((reason, &hook.without)).or_default().push(format!("`{}`", hook.point));
    }
    let mut lines = vec![format!("\n### {}\n", kernel.name)];
    lines.extend(by_reason.iter().map(|((reason, without), points)| {
        format!("- {}: {reason}. Not seen: {without}.", points.join(", "))
    }));
    lines.extend(
        probe.missing.iter().map(|missing| format!("- `{}`. Not seen: {}.", missing.what, missing.loses)),
    );
    if lines.len() == 1 {
        lines.push("Nothing.".to_owned());
    }
    lines
}

fn scenarios(differences: &[Difference]) -> Vec<String> {
    if differences.is_empty() {
        return vec!["None differs on any kernel.".to_owned()];
    }
    let mut lines = vec!["| kernel | variant | scenario | why it is not played there |".to_owned(), ruler(4)];
    lines.extend(differences.iter().map(|difference| {
        let kernel = KERNELS.get(difference.kernel).map(|kernel| kernel.name).unwrap_or_default();
        let Difference { variant, scenario, reason, .. } = difference;
        row(&[kernel.to_owned(), variant.to_string(), scenario.clone(), reason.clone()])
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::{Difference, render};
    use crate::{
        probe::Probe,
        vm::{KERNELS, Variant},
    };

    const OLD: &str = r#"{"kernel": {"release": "5.10.1"}, "hooks": [
        {"program": "p", "point": "tp_btf/exec", "event": "exec", "attached": true, "reason": null, "without": "programs"},
        {"program": "p", "point": "lsm/a", "event": "file", "attached": false, "reason": "no BPF LSM", "without": "files"},
        {"program": "p", "point": "lsm/b", "event": "file", "attached": false, "reason": "no BPF LSM", "without": "files"}],
        "missing": [{"what": "task_struct.x", "loses": "names"}]}"#;
    const NEW: &str = r#"{"kernel": {"release": "7.3.4"}, "hooks": [
        {"program": "p", "point": "tp_btf/exec", "event": "exec", "attached": true, "reason": null, "without": "programs"},
        {"program": "p", "point": "lsm/a", "event": "file", "attached": true, "reason": null, "without": "files"},
        {"program": "p", "point": "lsm/c", "event": "file", "attached": true, "reason": null, "without": "a|b"}],
        "missing": []}"#;

    fn page() -> String {
        let probed = [(KERNELS[0], Probe::parse(OLD).unwrap()), (KERNELS[3], Probe::parse(NEW).unwrap())];
        let difference = Difference {
            kernel: 3,
            variant: Variant::Tracepoints,
            scenario: "mount".to_owned(),
            reason: "locked".to_owned(),
        };
        render(&probed, &[difference])
    }

    #[test]
    fn the_page_says_what_each_kernel_has_and_lacks() {
        let page = page();
        for line in [
            "| 5.10 | 5.10.1 | bullseye | 1 of 3 | 1 |",
            "| newest | 7.3.4 | trixie-backports | 3 of 3 | none |",
            "| hook | event | 5.10 | newest | sees |",
            "| `lsm/a` | file | no | yes | files |",
            "| `lsm/b` | file | no | not tried | files |",
            "| `lsm/c` | file | not tried | yes | a\\|b |",
            "- `lsm/a`, `lsm/b`: no BPF LSM. Not seen: files.",
            "- `task_struct.x`. Not seen: names.",
            "Nothing.",
            "| newest | tracepoints | mount | locked |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }

    #[test]
    fn the_page_ends_with_one_line_break_and_has_no_gaps() {
        let page = page();
        assert!(page.ends_with("|\n") && !page.contains("\n\n\n"), "{page}");
    }
}
