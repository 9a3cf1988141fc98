//! Changes of files as managers take them: the JSON behind `8:syscheck:`.

mod attributes;

use serde::{Serialize, Serializer};

pub use self::attributes::Attributes;

/// What stands before the JSON in a message: the queue and the location.
pub const PREFIX: &str = "8:syscheck:";

/// The version of this form that managers of 4.x take.
const VERSION: f64 = 2.0;

/// A file has changed: what stands behind [`PREFIX`].
#[derive(Debug, Clone)]
pub struct FileEvent<'a>(pub Data<'a>);

/// What is told of a change.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Data<'a> {
    /// The file's path.
    pub path: &'a str,
    /// `scheduled`, `realtime` or `whodata`.
    pub mode: &'a str,
    /// `added`, `modified` or `deleted`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// When, in seconds since 1970.
    pub timestamp: i64,
    /// How the file is; of one that is gone, how it was.
    pub attributes: Attributes<'a>,
    /// How it was before it was modified.
    #[serde(rename = "old_attributes", skip_serializing_if = "Option::is_none")]
    pub before: Option<Attributes<'a>>,
    /// What is different, by the names that agents use: `size`, `permission`, `uid`, `gid`, `user_name`, `group_name`,
    /// `inode`, `mtime`, `md5`, `sha1`, `sha256`.
    #[serde(rename = "changed_attributes", skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<&'static str>,
    /// What whoever asked for the file to be watched calls that, with commas between.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tags: String,
    /// Who it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit<'a>>,
}

impl Serialize for FileEvent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            #[serde(rename = "type")]
            kind: &'static str,
            data: Versioned<'a>,
        }
        #[derive(Serialize)]
        struct Versioned<'a> {
            version: f64,
            #[serde(flatten)]
            data: &'a Data<'a>,
        }
        let data = Versioned { version: VERSION, data: &self.0 };
        Wire { kind: "event", data }.serialize(serializer)
    }
}

/// Who changed a file, as far as it is known. Ids of users and groups are text.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Audit<'a> {
    /// Whose process it was.
    pub user_id: String,
    /// That user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<&'a str>,
    /// The program.
    pub process_name: &'a str,
    /// The process.
    pub process_id: u32,
    /// Where it worked.
    pub cwd: &'a str,
    /// The process's group.
    pub group_id: String,
    /// That group's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<&'a str>,
    /// Who had logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_uid: Option<String>,
    /// That user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_name: Option<&'a str>,
    /// As whom the process acted.
    pub effective_uid: String,
    /// That user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_name: Option<&'a str>,
    /// The program of the parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_name: Option<&'a str>,
    /// Where the parent worked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_cwd: Option<&'a str>,
    /// The parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ppid: Option<u32>,
}
