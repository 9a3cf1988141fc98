use std::{
    env,
    fs::{self, DirBuilder, Permissions},
    hash::{BuildHasher as _, RandomState},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::text;

/// Where every stage is set, one after the other: the daemon knows its paths before the first deed.
#[derive(Debug)]
pub(crate) struct House {
    folder: TempDir,
    root: PathBuf,
}

impl House {
    /// Among temporary files.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Self::below(&env::temp_dir())
    }

    /// In a folder of its own below this one, which is made where it is missing.
    pub(crate) fn below(place: &Path) -> anyhow::Result<Self> {
        let everybody = Permissions::from_mode(0o755);
        DirBuilder::new().recursive(true).create(place)?;
        let folder = tempfile::Builder::new().prefix("scenario-").permissions(everybody).tempdir_in(place)?;
        let root = folder.path().canonicalize()?;
        Ok(Self { folder, root })
    }

    /// What the daemon is to watch: a whole folder, and of another one a single file.
    pub(crate) fn watched(&self) -> [PathBuf; 2] {
        [self.root.join("dir"), self.root.join("alone/secret")]
    }

    /// Where the daemon is to watch what is made, and nothing else.
    pub(super) fn filled(&self) -> PathBuf {
        self.root.join("filled")
    }

    /// Takes away what the last deed left.
    fn clear(&self) -> anyhow::Result<()> {
        for entry in fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

/// What a deed finds: the folders `dir`, `alone`, `filled` and `elsewhere`, each with the file `secret`, the empty `folder` and the
/// listening `socket`; in the last one also `link`, which leads to the first one's secret; ports, and names for containers.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    house: &'a House,
    // Nobody ever accepts: the kernel completes connections by itself.
    _listeners: (TcpListener, UdpSocket, Vec<UnixListener>),
    names: Vec<(&'static str, String)>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(house: &'a House, actor: &Path) -> anyhow::Result<Self> {
        house.clear()?;
        let places = ["dir", "alone", "filled", "elsewhere"].map(|name| house.root.join(name));
        let mut sockets = Vec::new();
        for place in &places {
            DirBuilder::new().recursive(true).create(place.join("folder"))?;
            fs::write(place.join("secret"), "secret\n")?;
            sockets.push(UnixListener::bind(place.join("socket"))?);
        }
        let [dir, alone, filled, elsewhere] = &places;
        symlink(dir.join("secret"), elsewhere.join("link"))?;
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let names = vec![
            ("actor", actor.display().to_string()),
            ("dir", dir.display().to_string()),
            ("alone", alone.display().to_string()),
            ("filled", filled.display().to_string()),
            ("elsewhere", elsewhere.display().to_string()),
            ("free_port", free.to_string()),
            ("listening_port", tcp.local_addr()?.port().to_string()),
            ("udp_port", udp.local_addr()?.port().to_string()),
            ("id1", container_id()),
            ("id2", container_id()),
        ];
        Ok(Self { house, _listeners: (tcp, udp, sockets), names })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.house.root
    }

    /// Puts values in the place of names in braces. `{said.a.b}` is what the actor said of itself, `{{` and `}}` are braces.
    pub(crate) fn fill(&self, template: &str, said: &Json) -> anyhow::Result<String> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some(place) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(place);
            filled.push_str(before);
            let doubled = ["{{", "}}"].iter().find_map(|brace| after.strip_prefix(brace));
            rest = if let Some(behind) = doubled {
                filled.extend(after.chars().next());
                behind
            } else {
                let (name, behind) = named(after).with_context(|| format!("in `{template}`"))?;
                filled.push_str(&self.value(name, said)?);
                behind
            };
        }
        Ok(filled + rest)
    }

    fn value(&self, name: &str, said: &Json) -> anyhow::Result<String> {
        if let Some((_, value)) = self.names.iter().find(|(known, _)| *known == name) {
            return Ok(value.clone());
        }
        let Some(path) = name.strip_prefix("said.") else { bail!("`{{{name}}}` stands for nothing") };
        let value = said.pointer(&format!("/{}", path.replace('.', "/")));
        Ok(text(value.with_context(|| format!("the actor said nothing of `{path}`: {said}"))?))
    }
}

/// The name in the braces at the beginning, and what is behind them.
fn named(text: &str) -> anyhow::Result<(&str, &str)> {
    let name = text.strip_prefix('{').context("a `}` alone: write `}}` for a brace")?;
    name.split_once('}').context("no `}`: write `{{` for a brace")
}

/// As the runtimes make them: 32 random bytes in hexadecimal.
fn container_id() -> String {
    let part = |number: u8| format!("{:016x}", RandomState::new().hash_one(number));
    [0, 1, 2, 3].map(part).concat()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{House, Stage};

    #[test]
    fn names_in_braces_are_replaced() {
        let house = House::new().unwrap();
        let stage = Stage::new(&house, Path::new("/actor")).unwrap();
        let said = json!({"pid": 7, "child": {"report": {"target": 9}}});
        let fill = |template| stage.fill(template, &said);
        assert_eq!(fill("{actor}:{said.pid}-{said.child.report.target}").unwrap(), "/actor:7-9");
        assert_eq!(fill("{id1}").unwrap().len(), 64);
        assert_ne!(fill("{id1}").unwrap(), fill("{id2}").unwrap());
        assert!(Path::new(&fill("{dir}/secret").unwrap()).is_file());
        assert_eq!(fill("${{x}} {{{said.pid}}}").unwrap(), "${x} {7}");
        for wrong in ["{nothing}", "{dir", "{said.nothing}", "dir}", "{{x}"] {
            assert!(fill(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_stage_has_nothing_of_the_one_before() {
        let house = House::new().unwrap();
        let left = Stage::new(&house, Path::new("/actor")).unwrap().folder().join("dir/left");
        std::fs::write(&left, "").unwrap();
        Stage::new(&house, Path::new("/actor")).unwrap();
        assert!(!left.exists());
    }
}
