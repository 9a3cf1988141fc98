//! What every crate's manifest says, and where a crate is.

use toml::Value;

use super::{
    Fault,
    tree::{Member, Tree},
};

/// What each manifest takes from the workspace.
const INHERITED: [&str; 4] = ["edition", "publish", "rust-version", "version"];

const SHORTEST_DESCRIPTION: usize = 20;

/// Lints and release facts from the workspace, a description that says something.
pub(super) fn manifest(tree: &Tree, faults: &mut Vec<Fault>) {
    for member in &tree.members {
        let file = &member.manifest;
        let package = member.table.get("package");
        for key in INHERITED {
            let inherited = package.and_then(|package| package.get(key)?.get("workspace"));
            if inherited.and_then(Value::as_bool) != Some(true) {
                let remedy = format!("write `{key}.workspace = true`");
                faults.push(Fault::new(
                    &file.path,
                    file.line_of(key),
                    format!("{key} is not the workspace's"),
                    remedy,
                ));
            }
        }
        let lints = member.table.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(Value::as_bool) != Some(true) {
            faults.push(Fault::new(
                &file.path,
                file.line_of("[lints]"),
                "the workspace's lints do not apply",
                "add `[lints]` with `workspace = true`",
            ));
        }
        let description = package.and_then(|package| package.get("description")).and_then(Value::as_str);
        if description.is_none_or(|text| text.len() < SHORTEST_DESCRIPTION) {
            faults.push(Fault::new(
                &file.path,
                file.line_of("description"),
                "no description",
                "say in a sentence what the crate is",
            ));
        }
    }
}

/// Folder and crate have one name, and every folder of userspace is a crate.
pub(super) fn folder(tree: &Tree, faults: &mut Vec<Fault>) {
    for member in &tree.members {
        let last = member.folder.rsplit('/').next().unwrap_or_default();
        let expected = if last == "xtask" { last.to_owned() } else { format!("rampart-{last}") };
        if member.name() != expected {
            faults.push(Fault::new(
                &member.manifest.path,
                member.manifest.line_of("name"),
                format!("the crate in {} is called {}", member.folder, member.name()),
                format!("call it {expected}"),
            ));
        }
    }
    for file in &tree.files {
        let Some(name) = file.path.strip_prefix("userspace/").and_then(|rest| rest.split('/').next()) else {
            continue;
        };
        let folder = format!("userspace/{name}");
        if !tree.members.iter().any(|member: &Member| member.folder == folder) {
            let remedy = "add a Cargo.toml, or move the files into a crate";
            faults.push(Fault::new(&folder, 1, "a folder of userspace is no crate", remedy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{folder, manifest};
    use crate::tidy::fake::{found, tidy};

    #[test]
    fn lints_and_description_are_not_optional() {
        let bare = "[package]\nname = \"rampart-model\"\ndescription = \"short\"\nedition.workspace = true\n\
                    publish.workspace = true\nrust-version.workspace = true\nversion.workspace = true\n";
        let faults = found(manifest, &tidy().file("userspace/model/Cargo.toml", bare));
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("lints"), "{faults:?}");
        assert!(faults[1].starts_with("userspace/model/Cargo.toml:3:"), "{faults:?}");
    }

    #[test]
    fn a_version_of_its_own_is_refused() {
        let own = "[package]\nname = \"rampart-model\"\ndescription = \"A small crate for a test.\"\n\
                   edition.workspace = true\npublish.workspace = true\nrust-version.workspace = true\n\
                   version = \"2.0.0\"\n[lints]\nworkspace = true\n";
        let faults = found(manifest, &tidy().file("userspace/model/Cargo.toml", own));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(":7: version is not"), "{faults:?}");
    }

    #[test]
    fn own_lints_are_not_the_workspaces() {
        let own = "[package]\nname = \"rampart-model\"\ndescription = \"A small crate for a test.\"\n\
                   [lints.rust]\nwarnings = \"allow\"\n";
        let faults = found(manifest, &tidy().file("userspace/model/Cargo.toml", own));
        assert!(faults.iter().any(|fault| fault.contains("lints do not apply")), "{faults:?}");
    }

    #[test]
    fn a_crate_is_called_like_its_folder() {
        let faults = found(folder, &tidy().package("userspace/bus", "rampart-queue", ""));
        assert!(faults[0].contains("call it rampart-bus"), "{faults:?}");
    }

    #[test]
    fn a_folder_without_a_manifest_is_no_crate() {
        let faults = found(folder, &tidy().file("userspace/stray/src/lib.rs", ""));
        assert!(faults[0].contains("userspace/stray"), "{faults:?}");
    }
}
