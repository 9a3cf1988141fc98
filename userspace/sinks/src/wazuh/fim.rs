//! Changes of files in the manager's own form.

use rampart_model::{
    FileAttribute, FileAttributes, FileChange, FileChangeKind, FileHashes, Process, Timestamp,
};
use rampart_wazuh::syscheck::{Attributes, Audit, Data, FileEvent, PREFIX};
use serde_json::Value as Json;

use super::encode::fitted;

/// None for a file that was modified in nothing that a manager knows.
pub(super) fn message(change: &FileChange, time: Timestamp) -> Option<Vec<u8>> {
    let changed = change.changed();
    let before = match &change.kind {
        FileChangeKind::Modified { .. } if changed.is_empty() => return None,
        FileChangeKind::Modified { before } => Some(attributes(before)),
        FileChangeKind::Added | FileChangeKind::Deleted => None,
    };
    let event = FileEvent(Data {
        path: &change.path,
        mode: change.mode.name(),
        kind: change.kind.name(),
        timestamp: time.as_seconds(),
        attributes: attributes(&change.attributes),
        before,
        changed: changed.into_iter().map(FileAttribute::name).collect(),
        tags: change.tags.join(","),
        audit: change.author.as_deref().map(audit),
    });
    // It has a few strings and numbers: that they are cut is enough.
    fitted(PREFIX, &event, |_: &mut Json| {})
}

fn attributes(of: &FileAttributes) -> Attributes<'_> {
    let hash = |text: fn(&FileHashes) -> String| of.hashes.as_ref().map(text).unwrap_or_default();
    Attributes {
        size: of.size,
        permissions: of.permissions(),
        uid: of.uid,
        gid: of.gid,
        user: of.user.as_deref().unwrap_or_default(),
        group: of.group.as_deref().unwrap_or_default(),
        inode: of.inode,
        mtime: of.mtime.as_seconds(),
        md5: hash(FileHashes::md5_text),
        sha1: hash(FileHashes::sha1_text),
        sha256: hash(FileHashes::sha256_text),
    }
}

fn audit(process: &Process) -> Audit<'_> {
    let name = |id: u32| process.user.name.as_deref().filter(|_| id == process.user.id);
    let parent = process.parent.as_deref();
    Audit {
        user_id: process.user.id.to_string(),
        user_name: process.user.name.as_deref(),
        process_name: &process.executable,
        process_id: process.key.pid,
        cwd: &process.working_directory,
        group_id: process.group_id.to_string(),
        group_name: None,
        audit_uid: process.login_user_id.map(|id| id.to_string()),
        audit_name: process.login_user_id.and_then(name),
        effective_uid: process.effective_user_id.to_string(),
        effective_name: name(process.effective_user_id),
        parent_name: parent.map(|parent| &*parent.executable),
        parent_cwd: parent.map(|parent| &*parent.working_directory),
        ppid: parent.map(|parent| parent.key.pid),
    }
}
