//! Who depends on whom, and by which table.

use super::{
    Fault,
    layer::{ASSEMBLY, LAYERS, RESTRICTIONS, TESTKIT},
    tree::{Dependency, DependencyKind, Member, Tree},
};

const TABLE: &str = "xtask/src/tidy/layer.rs";

/// Our crates know only those that the table allows them.
pub(super) fn direction(tree: &Tree, faults: &mut Vec<Fault>) {
    let ours: Vec<&str> = tree.members.iter().map(Member::name).collect();
    for member in &tree.members {
        let name = member.name();
        let allowed = LAYERS.iter().find(|layer| layer.name == name).map(|layer| layer.uses);
        if allowed.is_none() && name != ASSEMBLY {
            faults.push(Fault::new(
                &member.manifest.path,
                member.manifest.line_of("name"),
                format!("{name} has no row in the table of dependencies"),
                format!("add it to {TABLE}"),
            ));
            continue;
        }
        for dependency in &member.dependencies {
            let used = dependency.package.as_str();
            if ours.contains(&used) && !is_allowed(name, allowed, dependency) {
                faults.push(Fault::new(
                    &member.manifest.path,
                    dependency.line,
                    format!("{name} must not depend on {used}"),
                    format!("let them meet in rampart-model or rampart-bus; the table is {TABLE}"),
                ));
            }
        }
    }
}

fn is_allowed(name: &str, allowed: Option<&[&str]>, dependency: &Dependency) -> bool {
    let used = dependency.package.as_str();
    if used == TESTKIT {
        return dependency.kind == DependencyKind::Test || is_test_package(name);
    }
    name == ASSEMBLY || allowed.is_some_and(|allowed| allowed.contains(&used))
}

fn is_test_package(name: &str) -> bool {
    name == "rampart-e2e"
}

/// Some packages belong to some crates.
pub(super) fn restricted(tree: &Tree, faults: &mut Vec<Fault>) {
    for member in &tree.members {
        for dependency in &member.dependencies {
            let rule = RESTRICTIONS.iter().find(|rule| rule.package == dependency.package);
            let Some(rule) = rule.filter(|rule| !rule.users.contains(&member.name())) else { continue };
            faults.push(Fault::new(
                &member.manifest.path,
                dependency.line,
                format!("{} must not use {}: {}", member.name(), rule.package, rule.reason),
                format!("only {} may", rule.users.join(", ")),
            ));
        }
    }
}

/// One version of a package for all: in the workspace's table.
pub(super) fn through_workspace(tree: &Tree, faults: &mut Vec<Fault>) {
    for member in &tree.members {
        for dependency in &member.dependencies {
            let inherits =
                dependency.value.get("workspace").and_then(toml::Value::as_bool).unwrap_or_default();
            if !inherits {
                faults.push(Fault::new(
                    &member.manifest.path,
                    dependency.line,
                    format!("{} names its own source for {}", member.name(), dependency.package),
                    "write `workspace = true`, and the version into the root's [workspace.dependencies]",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{direction, restricted, through_workspace};
    use crate::tidy::fake::{found, tidy};

    #[test]
    fn a_sibling_must_not_know_a_sibling() {
        let fake = tidy().package("userspace/sca", "rampart-sca", "").package(
            "userspace/runtime",
            "rampart-runtime",
            "[dependencies]\nrampart-sca.workspace = true\n",
        );
        let faults = found(direction, &fake);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("userspace/runtime/Cargo.toml:"), "{faults:?}");
        assert!(faults[0].contains("must not depend on rampart-sca"), "{faults:?}");
    }

    #[test]
    fn build_and_target_dependencies_count_too() {
        for section in ["build-dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
            let more = format!("[{section}]\nrampart-daemon = {{ workspace = true }}\n");
            let fake = tidy().package("userspace/daemon", "rampart-daemon", "").package(
                "userspace/model",
                "rampart-model",
                &more,
            );
            assert_eq!(found(direction, &fake).len(), 1, "{section}");
        }
    }

    #[test]
    fn a_crate_outside_the_table_is_a_fault() {
        let faults = found(direction, &tidy().package("userspace/extra", "rampart-extra", ""));
        assert!(faults[0].contains("rampart-extra has no row"), "{faults:?}");
    }

    #[test]
    fn the_test_kit_is_for_tests() {
        let kit = || tidy().package("userspace/testkit", "rampart-testkit", "");
        let with = |section: &str| {
            let more = format!("[{section}]\nrampart-testkit.workspace = true\n");
            found(direction, &kit().package("userspace/model", "rampart-model", &more)).len()
        };
        assert_eq!(with("dev-dependencies"), 0);
        assert_eq!(with("dependencies"), 1);
    }

    #[test]
    fn packages_of_a_few_crates_are_refused_to_the_others() {
        for package in ["anyhow", "aya", "kube"] {
            let more = format!("[dependencies]\n{package}.workspace = true\n");
            let faults = found(restricted, &tidy().package("userspace/model", "rampart-model", &more));
            assert!(faults[0].contains(package), "{faults:?}");
        }
        let daemon =
            tidy().package("userspace/daemon", "rampart-daemon", "[dependencies]\nanyhow.workspace = true\n");
        assert!(found(restricted, &daemon).is_empty());
    }

    #[test]
    fn a_renamed_package_is_seen_by_its_own_name() {
        let fake = tidy()
            .file("Cargo.toml", "[workspace.dependencies]\nany = { package = \"anyhow\", version = \"1\" }\n")
            .package("userspace/model", "rampart-model", "[dependencies]\nany.workspace = true\n");
        assert_eq!(found(restricted, &fake).len(), 1);
    }

    #[test]
    fn versions_stand_in_the_root_only() {
        for line in ["serde = \"1\"", "serde = { version = \"1\" }", "serde = { path = \"../x\" }"] {
            let more = format!("[dependencies]\n{line}\n");
            let fake = tidy().package("userspace/model", "rampart-model", &more);
            assert_eq!(found(through_workspace, &fake).len(), 1, "{line}");
        }
    }
}
