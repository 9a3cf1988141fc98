//! What `docker load` wants of an archive where Docker keeps its images itself: it takes the form of the Open Container
//! Initiative only with containerd's store (`image/tarexport/load.go` of moby 28). What reads that form does not look at this file.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};

/// The file.
pub(super) const MANIFEST: &str = "manifest.json";

/// Adds it to a layout of one image.
pub(super) fn add_manifest(layout: &Path, name: &str) -> Result<()> {
    let index = read(layout, "index.json")?;
    let image = read(layout, &blob(&index, "/manifests/0")?)?;
    let count = image.pointer("/layers").and_then(Json::as_array).map_or(0, Vec::len);
    let layers = (0..count).map(|number| blob(&image, &format!("/layers/{number}")));
    let manifest = json!([{
        "Config": blob(&image, "/config")?,
        "RepoTags": [name],
        "Layers": layers.collect::<Result<Vec<_>>>()?,
    }]);
    fs::write(layout.join(MANIFEST), manifest.to_string()).context("cannot write the manifest")
}

fn read(layout: &Path, name: &str) -> Result<Json> {
    let text = fs::read(layout.join(name)).with_context(|| format!("no {name}"))?;
    serde_json::from_slice(&text).with_context(|| format!("{name} is no JSON"))
}

/// Where something lies by whose digest is told.
fn blob(json: &Json, pointer: &str) -> Result<String> {
    let digest = json.pointer(pointer).and_then(|it| it.get("digest")?.as_str());
    let digest = digest.with_context(|| format!("no digest at {pointer}"))?;
    Ok(format!("blobs/{}", digest.replacen(':', "/", 1)))
}

#[cfg(test)]
mod tests {
    use super::{MANIFEST, add_manifest};
    use serde_json::{Value as Json, json};
    use std::fs;

    #[test]
    fn it_names_what_is_in_the_layout() {
        let layout = tempfile::tempdir().unwrap();
        fs::create_dir_all(layout.path().join("blobs/sha256")).unwrap();
        let image = json!({ "config": { "digest": "sha256:cc" }, "layers": [{ "digest": "sha256:11" }] });
        let index = json!({ "manifests": [{ "digest": "sha256:aa" }] });
        for (name, content) in [("index.json", index), ("blobs/sha256/aa", image)] {
            fs::write(layout.path().join(name), content.to_string()).unwrap();
        }
        add_manifest(layout.path(), "localhost/x:1").unwrap();
        let made: Json = serde_json::from_slice(&fs::read(layout.path().join(MANIFEST)).unwrap()).unwrap();
        let expected = json!([{
            "Config": "blobs/sha256/cc", "RepoTags": ["localhost/x:1"], "Layers": ["blobs/sha256/11"],
        }]);
        assert_eq!(made, expected);
    }
}
