use serde_json::{Map, Value as Json, json};

use super::{process::process, put, severity};
use crate::{FileAttribute, FileAttributes, FileChange, FileChangeKind};

/// A file of the host is not as it was.
pub(super) fn file_change(change: &FileChange) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "message", json!(change.message()));
    put(&mut out, "event.kind", json!("event"));
    put(&mut out, "event.category", json!(["file"]));
    let kind = match change.kind {
        FileChangeKind::Added => "creation",
        FileChangeKind::Modified { .. } => "change",
        FileChangeKind::Deleted => "deletion",
    };
    put(&mut out, "event.type", json!([kind]));
    put(&mut out, "event.action", json!(format!("file_{}", change.kind.name())));
    severity(&mut out, change.severity());
    let mut file = attributes(&change.attributes);
    put(&mut file, "path", json!(change.path));
    out.insert("file".to_owned(), Json::Object(file));
    put(&mut out, "rampart.fim.mode", json!(change.mode.name()));
    if let FileChangeKind::Modified { before } = &change.kind {
        let changed: Vec<_> = change.changed().into_iter().map(FileAttribute::name).collect();
        put(&mut out, "rampart.fim.changed", json!(changed));
        put(&mut out, "rampart.fim.before", Json::Object(attributes(before)));
    }
    if !change.tags.is_empty() {
        put(&mut out, "rampart.fim.tags", json!(change.tags));
    }
    if let Some(author) = &change.author {
        process(&mut out, author, author.key.pid);
    }
    out
}

/// What ECS has under `file`.
fn attributes(of: &FileAttributes) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "size", json!(of.size));
    put(&mut out, "mode", json!(format!("{:04o}", of.mode)));
    put(&mut out, "uid", json!(of.uid.to_string()));
    put(&mut out, "gid", json!(of.gid.to_string()));
    if let Some(user) = &of.user {
        put(&mut out, "owner", json!(user));
    }
    if let Some(group) = &of.group {
        put(&mut out, "group", json!(group));
    }
    put(&mut out, "inode", json!(of.inode.to_string()));
    put(&mut out, "mtime", json!(of.mtime));
    if let Some(hashes) = &of.hashes {
        put(&mut out, "hash.md5", json!(hashes.md5_text()));
        put(&mut out, "hash.sha1", json!(hashes.sha1_text()));
        put(&mut out, "hash.sha256", json!(hashes.sha256_text()));
    }
    out
}
